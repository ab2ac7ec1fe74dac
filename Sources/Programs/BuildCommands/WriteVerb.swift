internal import AppContainer
internal import Commands
internal import ImageBuilding
internal import Linux
internal import OCI

/// `acbuild write`.
struct WriteVerb: BuildVerb {
    static let name = "write"
    static let summary = "Write the image to a file"
    static let usage =
        "[--overwrite] [--compression=gzip|zstd|none] [--sign] FILE|oci:DIRECTORY [-- GPG-FLAGS]"
    static let details = """
        FILE gets an ACI, or an archive of an OCI layout in a build of that format. A directory that follows "oci:" gets
        or already has an OCI layout. The image ID is printed.

        --sign makes a signature beside an ACI, FILE.asc, by gpg; flags after "--" are gpg's.
        """
    static var ownFlags: [Flag<Self>] {
        [
            .bool("overwrite", "replace a file that is there") { $0.overwrites = $1 },
            .string("compression", default: "gzip", "how files are packed: gzip, zstd or none") {
                verb,
                text throws(CommandError) in
                guard let compression = LayerCompression(rawValue: text) else {
                    throw .value("it is not gzip, zstd or none")
                }
                verb.compression = compression
            },
            .bool("sign", "sign the ACI with gpg") { $0.signs = $1 },
        ]
    }
    var common = BuildOptions()
    private var overwrites = false
    private var signs = false
    private var compression = LayerCompression.gzip

    init() {}

    mutating func run(_ context: Context) throws {
        try refuseModify()
        guard let target = context.arguments.first else {
            throw CommandError.usage("write takes the name of a file (see --help)")
        }
        let build = try BuildContext(workPath: common.workPath)
        let output = ImageOutput(
            target: target,
            overwrites: overwrites,
            compression: compression,
            context: context
        )
        let id = try output.write(build.draft, from: build.workshop, date: build.date)
        if signs {
            guard build.draft.format == .appc else {
                throw BuildError.unsupported("--sign", in: .oci)
            }
            try Signature.make(
                of: target,
                flags: Array(context.arguments.dropFirst()),
                overwrites: overwrites
            )
        } else if context.arguments.count > 1 {
            throw CommandError.usage("unexpected argument \"\(context.arguments[1])\"")
        }
        context.print(id)
    }
}

/// Where an image is written, and how.
struct ImageOutput {
    let target: String
    let overwrites: Bool
    let compression: LayerCompression
    let context: Context
    /// Whether all layers are final.
    var isFinal = false

    /// Writes an image and returns its ID.
    func write(
        _ draft: ImageDraft,
        from workshop: borrowing Workshop,
        date: SourceDate
    ) throws -> String {
        let (id, warnings): (String, [String])
        switch draft.content {
        case .appc(let manifest):
            guard manifest.name != ImageDraft.placeholder else {
                throw BuildError.invalid("can't write ACI, name was never set")
            }
            guard compression != .zstd else {
                throw BuildError.invalid("an ACI can't be packed with zstd (gzip or none)")
            }
            if let app = manifest.app, app.exec.isEmpty {
                context.complain("warning: exec command was never set")
            }
            var writer = ACIWriter(manifest, try workshop.root(draft.layers), date: date)
            writer.isCompressed = compression == .gzip
            let written = try writer.write(to: target, overwrites: overwrites)
            (id, warnings) = (written.id, written.warnings)
        case .oci(let content):
            var writer = OCIWriter(content, layers: draft.layers, date: date)
            writer.compression = compression
            writer.isFinal = isFinal
            let written = try writer.write(
                to: destination,
                from: workshop,
                overwrites: overwrites
            )
            (id, warnings) = (
                "\(written.id.algorithm.rawValue)-\(written.id.hex)", written.warnings
            )
        }
        for warning in warnings { context.complain("warning: \(warning)") }
        return id
    }

    private var destination: OCIWriter.Destination {
        if target.hasPrefix("oci:") { return .layout(String(target.dropFirst(4))) }
        if target.hasPrefix("oci-archive:") { return .archive(String(target.dropFirst(12))) }
        return target.hasSuffix("/") ? .layout(target) : .archive(target)
    }
}

/// A detached signature beside an ACI.
enum Signature {
    private static let programs = ["/usr/bin/gpg", "/bin/gpg", "/usr/local/bin/gpg"]

    /// Lets gpg sign a file; its flags are the user's.
    static func make(of path: String, flags: [String], overwrites: Bool) throws(CommandError) {
        guard let program = programs.first(where: { (try? Descriptor.open($0, .pathOnly)) != nil })
        else { throw .failed("--sign needs gpg (Debian: gnupg)") }
        let output = path + ".asc"
        if !overwrites, (try? Descriptor.open(output, .pathOnly)) != nil {
            throw .failed("signature already exists: \(output) (see --overwrite)")
        }
        let arguments =
            ["gpg", "--armor", "--yes", "--output", output] + flags + ["--detach-sign", path]
        let status: ExitStatus
        do throws(Errno) {
            status = try Child.spawn(program, arguments: arguments).wait()
        } catch {
            throw .failed("cannot start gpg: \(error)")
        }
        guard status == .exited(0) else { throw .failed("gpg could not sign \"\(path)\"") }
    }
}
