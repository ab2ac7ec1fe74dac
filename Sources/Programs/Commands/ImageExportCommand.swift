internal import ImageStorage
internal import JSON

/// `rkt image export`.
struct ImageExportCommand: Command {
    static let name = "image export"
    static let summary = "Export a stored image to a file"
    static let usage = """
        [--overwrite] IMAGE FILE.aci | IMAGE --to=oci:DIR[:TAG]|oci-archive:FILE[:TAG]|docker-archive:FILE[:TAG]
        """
    static let details = """
        Writes an image as an ACI, or with --to in a form that other engines read, and prints the ID that it has there.
        An image gets the other format if need be; as an OCI image an ACI has the files of all that it depends on.

        Layers lie unpacked in the store: those of a registry's image go as they came, others are packed anew. If that
        gives another digest than the image has, that is said.
        """
    static let needsUserNamespace = true

    static var flags: [Flag<Self>] {
        [
            .bool("overwrite", "replace a file, or the image of the same tag, that is there") {
                $0.overwrites = $1
            },
            .string("to", "where, and in which form: oci:, oci-archive:, docker-archive:") {
                $0.target = $1
            },
            OutputFormat.flag { $0.format = $1 },
        ]
    }

    private var overwrites = false
    private var target: String?
    private var format = OutputFormat.text

    mutating func run(_ context: Context) throws {
        let operands = context.arguments
        guard let argument = operands.first, operands.count == (target == nil ? 2 : 1) else {
            throw CommandError.usage("must provide an image and where to write it")
        }
        let store = try context.imageStore()
        let image = try store.find(argument)
        let request: ExportRequest
        // A rendered tree stays until it is packed.
        var whole: AssembledImage?
        if let target {
            let assembled = try context.storedImages().assemble(image)
            request = try Self.request(target, assembled.image, overwrites)
            whole = assembled
        } else {
            let file = operands[1]
            guard file.hasSuffix(".aci") else {
                throw CommandError.usage(
                    "\"\(file)\" doesn't end in .aci (other forms are chosen by --to)"
                )
            }
            request = ExportRequest(image, as: .aci, to: file, overwrites: overwrites)
        }
        let id = try context.export(request, from: store, whole)
        if target == nil, !image.isOCI, id != image.id.description {
            context.complain(
                "warning: its files can't be packed as they were: it is the image \(id) there, and a signature of "
                    + "\(image.id) doesn't fit"
            )
        }
        let record = JSON.object([
            .init("id", .string(id)), .init("path", .string(request.path)),
        ])
        context.print(format.encoded(record) ?? id)
    }

    private static func request(
        _ target: String,
        _ image: StoredImage,
        _ overwrites: Bool
    ) throws(CommandError) -> ExportRequest {
        // As other engines read it: the path ends at the first colon.
        let parts = target.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count > 1, !parts[1].isEmpty, parts.last?.isEmpty == false,
            let form = ExportRequest.Form(rawValue: String(parts[0])), form.hasTags
        else {
            throw CommandError.usage(
                "\"\(target)\" is not oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:TAG]"
            )
        }
        return ExportRequest(
            image,
            as: form,
            to: String(parts[1]),
            tag: parts.count > 2 ? String(parts[2]) : nil,
            overwrites: overwrites,
            isWhole: true
        )
    }
}

extension ExportRequest.Form {
    /// Whether `--to` can name it.
    fileprivate var hasTags: Bool {
        switch self {
        case .ociLayout, .ociArchive, .dockerArchive: true
        default: false
        }
    }
}

extension Context {
    /// Writes an image; what was left out is said.
    ///
    /// - Parameter image: what keeps its layers meanwhile.
    /// - Returns: its ID there.
    func export(
        _ request: ExportRequest,
        from store: borrowing ImageStore,
        _ image: AssembledImage? = nil
    ) throws -> String {
        defer { _ = image }
        do throws(FetchError) {
            return try FetcherProcess().export(request, from: store.data) { event in
                if case .warning(let text) = event { complain("warning: \(text)") }
            }
        } catch {
            guard case .refused(let path, let reason) = error else { throw error }
            throw CommandError.failed("cannot write \"\(path)\": \(reason)")
        }
    }
}
