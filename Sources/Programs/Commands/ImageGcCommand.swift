internal import AppContainer
internal import ImageStorage
internal import JSON

/// `rkt image gc`.
struct ImageGcCommand: Command {
    static let name = "image gc"
    static let summary = "Garbage collect local store"
    static let usage = "[--grace-period=DURATION] [--keep-storage=SIZE] [--format=json|json-pretty]"
    static let details = """
        Removes images that no pod has and that were not used for the grace period, layers that nothing needs
        any more, and what interrupted imports left behind.

        With --keep-storage the longest unused images are removed, however young, until the rest takes no more than
        SIZE (for instance 20G or 500Mi); age then counts only if --grace-period is given too.
        """
    static let needsUserNamespace = true

    static var flags: [Flag<Self>] {
        [
            .duration(
                "grace-period",
                default: "24h0m0s",
                "duration to wait since an image was last used before removing it"
            ) { $0.grace = $1 },
            .string("keep-storage", "how much of the disk images may take, the longest unused go") {
                command,
                text throws(CommandError) in
                guard let size = try? Quantity(text), !size.isNegative else {
                    throw .value("it is not a size such as 20G or 500Mi")
                }
                command.limit = UInt64(size.units)
            },
            OutputFormat.flag { $0.format = $1 },
        ]
    }

    private var grace: Duration?
    private var limit: UInt64?
    private var format = OutputFormat.text

    mutating func run(_ context: Context) throws {
        try context.refuseArguments()
        let standard: Duration? = limit == nil ? .seconds(24 * 3600) : nil
        let collection = try context.imageStore().collectGarbage(
            unusedFor: grace ?? standard,
            keeping: limit
        )
        if let json = format.encoded(record(collection)) { return context.print(json) }
        for gone in collection.removed {
            context.print("successfully removed aci for image: \"\(gone.image.id)\"")
        }
        guard let limit, collection.kept > limit else { return }
        context.complain(
            "the images that are left are used by pods and take \(humanSize(collection.kept))"
        )
    }

    private func record(_ collection: ImageCollection) -> JSON {
        .object([
            .init(
                "removed",
                .array(
                    collection.removed.map {
                        .object([
                            .init("id", .string($0.image.id.description)),
                            .init("name", .string($0.image.displayName)),
                            .init("freed", .integer(Int64(clamping: $0.freed))),
                        ])
                    }
                )
            ),
            .init("kept", .integer(Int64(clamping: collection.kept))),
        ])
    }
}
