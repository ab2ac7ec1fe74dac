internal import AppContainer
internal import ImageStorage
internal import References

/// `rkt image tag`.
struct ImageTagCommand: Command {
    static let name = "image tag"
    static let summary = "Give an image of the local store another name"
    static let usage = "IMAGE NAME[:VERSION]"
    static let details = """
        Adds a name to an image. For an image of a registry the name may be a reference such
        as quay.io/me/app:1 or docker://app. Whoever had the name before keeps it too; the
        newest one counts.
        """
    static let needsUserNamespace = true

    mutating func run(_ context: Context) throws {
        guard context.arguments.count == 2 else {
            throw CommandError.usage("must provide an image and a name")
        }
        let store = try context.imageStore()
        let image = try store.find(context.arguments[0])
        let name = try Self.name(context.arguments[1], for: image)
        try store.tag(image.id, as: name)
        context.print(name.displayName)
    }

    /// The name with what every image has besides it: its platform.
    private static func name(_ text: String, for image: StoredImage) throws -> LabelledName {
        let given: LabelledName
        switch try ImageReference(text, pathKind: { _ in .missing }) {
        case .docker(let reference): given = LabelledName(reference)
        case .hosted(let name):
            given = (image.isOCI ? name.registryImage.map { LabelledName($0) } : nil) ?? name.name
        case .appc(let name):
            let reference =
                image.isOCI && name.labels.allSatisfy { $0.name.text == "version" }
                ? try? DockerReference(text) : nil
            given = reference.map { LabelledName($0) } ?? name
        default: throw CommandError.usage("\"\(text)\" is not a name")
        }
        let platform = (image.name?.labels ?? []).filter { ["os", "arch"].contains($0.name.text) }
        return LabelledName(given.name, labels: given.labels + platform)
    }
}
