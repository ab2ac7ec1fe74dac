internal import ImageStorage

/// `rkt image rm`.
struct ImageRmCommand: Command {
    static let name = "image rm"
    static let summary = "Remove image(s) with the given ID(s) or name(s) from the local store"
    static let usage = "IMAGE..."
    static let details = """
        Removes images. Pods that use one keep working: layers in use stay until the pods are gone.
        """
    static let needsUserNamespace = true

    mutating func run(_ context: Context) throws {
        guard !context.arguments.isEmpty else {
            throw CommandError.usage("must provide at least one image")
        }
        let store = try context.imageStore()
        var removed = 0
        var failed = false
        for argument in context.arguments {
            let id: ImageID
            do { id = try store.identify(argument) } catch {
                // As in rkt, what isn't there isn't an error.
                context.complain("\(error)")
                continue
            }
            do {
                try store.remove(id)
                removed += 1
                context.print("successfully removed aci for image: \"\(id)\"")
            } catch {
                failed = true
                context.complain("cannot remove image \"\(id)\": \(error)")
            }
        }
        if removed > 0 { context.print("\(removed) image(s) successfully removed") }
        if failed { throw CommandError.exit(Rkt.failure) }
    }
}
