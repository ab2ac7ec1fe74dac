internal import ImageStorage
internal import JSON

/// `rkt image verify`.
struct ImageVerifyCommand: Command {
    static let name = "image verify"
    static let summary = "Verify one or more stored images"
    static let usage = "[--format=json|json-pretty] IMAGE..."
    static let details = """
        Compares what the store has of an image with what it was: blobs with their digests, layers with the digests that the
        image names, with what they are unpacked from, or with what an earlier verification has noted. A damaged layer that is
        kept packed is unpacked again; else it is said how the image is mended. The exit code is 254 if something is damaged.
        """
    static let needsUserNamespace = true

    static var flags: [Flag<Self>] { [OutputFormat.flag { $0.format = $1 }] }

    private var format = OutputFormat.text

    mutating func run(_ context: Context) throws {
        guard !context.arguments.isEmpty else {
            throw CommandError.usage("must provide at least one image")
        }
        let store = try context.imageStore()
        var records: [JSON] = []
        var isDamaged = false
        for argument in context.arguments {
            let image = try store.find(argument)
            let request = ExportRequest(image, as: .check, to: image.shownName)
            var state = "verified"
            do throws(FetchError) {
                state = try FetcherProcess().export(request, from: store.data) { event in
                    if case .warning(let text) = event { context.complain(text) }
                }
            } catch {
                guard case .refused(_, let reason) = error else { throw error }
                context.complain(
                    "image \"\(image.shownName)\": \(reason) (mend it: rkt image rm \(image.id), then fetch it again)"
                )
                (state, isDamaged) = ("damaged", true)
            }
            if format == .text, state != "damaged" {
                context.print(
                    "successfully verified checksum for image: \"\(image.shownName)\" (\"\(image.id)\")"
                )
            }
            records.append(
                .object(
                    [
                        .init("id", .string(image.id.description)),
                        .init("name", .string(image.displayName)), .init("state", .string(state)),
                    ] + image.trustMembers
                )
            )
        }
        if let json = format.encoded(.array(records)) { context.print(json) }
        if isDamaged { throw CommandError.exit(Rkt.failure) }
    }
}
