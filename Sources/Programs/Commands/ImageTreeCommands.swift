internal import ImageStorage

/// A command that copies an image's files into a directory.
protocol ImageTreeCommand: Command {
    /// What its flags said.
    var options: ImageTreeOptions { get set }
    /// The image as its files are copied.
    static func image(_ argument: String, _ context: Context) throws -> AssembledImage
}

/// The flags of ``ImageTreeCommand``.
struct ImageTreeOptions {
    fileprivate var overwrites = false
    fileprivate var isRootOnly = false
}

extension ImageTreeCommand {
    static var usage: String { "[--rootfs-only] [--overwrite] IMAGE DIRECTORY" }
    static var needsUserNamespace: Bool { true }

    static var flags: [Flag<Self>] {
        [
            .bool("overwrite", "replace a directory that is there") {
                $0.options.overwrites = $1
            },
            .bool("rootfs-only", "make the directory the root file system itself") {
                $0.options.isRootOnly = $1
            },
        ]
    }

    mutating func run(_ context: Context) throws {
        guard context.arguments.count == 2 else {
            throw CommandError.usage("must provide an image and a directory")
        }
        let image = try Self.image(context.arguments[0], context)
        let output = try OutputDirectory(
            path: context.arguments[1],
            overwrites: options.overwrites
        )
        try context.imageStore().extract(
            image.image,
            to: output,
            hasManifest: !options.isRootOnly
        )
    }
}

/// `rkt image extract`.
struct ImageExtractCommand: ImageTreeCommand {
    static let name = "image extract"
    static let summary = "Extract an image's own files into a directory"
    static let details = """
        DIRECTORY gets the image's manifest and its files in "rootfs", without those of images that it depends on.
        It appears when it is complete.
        """
    var options = ImageTreeOptions()

    static func image(_ argument: String, _ context: Context) throws -> AssembledImage {
        let store = try context.imageStore()
        return store.alone(try store.find(argument))
    }
}

/// `rkt image render`.
struct ImageRenderCommand: ImageTreeCommand {
    static let name = "image render"
    static let summary = "Render an image with all its dependencies into a directory"
    static let details = """
        DIRECTORY gets the image's manifest and, in "rootfs", what an app of the image sees as its root: the files of the
        image and of those that it depends on, as its pathWhitelist has them. It appears when it is complete.
        """
    var options = ImageTreeOptions()

    static func image(_ argument: String, _ context: Context) throws -> AssembledImage {
        let image = try context.imageStore().find(argument)
        return try context.storedImages().assemble(image)
    }
}

extension Context {
    /// What puts images together out of the store alone.
    func storedImages() throws -> ImageFetcher {
        ImageFetcher(
            store: try imageStore(),
            policy: .never,
            allowsUnsigned: false,
            keystore: keystore
        )
    }
}
