internal import ImageStorage
internal import JSON

/// `rkt image cat-manifest`.
struct ImageCatManifestCommand: Command {
    static let name = "image cat-manifest"
    static let summary = "Inspect and print the image manifest"
    static let usage = "[--pretty-print=true|false] IMAGE"
    static let details = """
        Prints the manifest of an ACI, or the configuration of an OCI image.
        """

    static var flags: [Flag<Self>] {
        [
            .bool("pretty-print", default: true, "apply indent to format the output") {
                $0.isPretty = $1
            }
        ]
    }

    private var isPretty = true

    mutating func run(_ context: Context) throws {
        guard let argument = context.arguments.first, context.arguments.count == 1 else {
            throw CommandError.usage("must provide one image")
        }
        let image = try context.imageStore().find(argument)
        context.print(image.manifest.printable(isPretty ? .tabs : .compact))
    }
}
