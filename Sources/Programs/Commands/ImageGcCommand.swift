internal import ImageStorage

/// `rkt image gc`.
struct ImageGcCommand: Command {
    static let name = "image gc"
    static let summary = "Garbage collect local store"
    static let usage = "[--grace-period=DURATION]"
    static let details = """
        Removes images that no pod has and that were not used for the grace period, layers that nothing needs
        any more, and what interrupted imports left behind.
        """
    static let needsUserNamespace = true

    static var flags: [Flag<Self>] {
        [
            .duration(
                "grace-period",
                default: "24h0m0s",
                "duration to wait since an image was last used before removing it"
            ) { $0.grace = $1 }
        ]
    }

    private var grace = Duration.seconds(24 * 3600)

    mutating func run(_ context: Context) throws {
        try context.refuseArguments()
        for image in try context.imageStore().collectGarbage(unusedFor: grace) {
            context.print("successfully removed aci for image: \"\(image.id)\"")
        }
    }
}
