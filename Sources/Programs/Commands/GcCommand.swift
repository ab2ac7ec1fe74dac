internal import ImageStorage
internal import PodLifecycle

/// `rkt gc`.
struct GcCommand: Command {
    static let name = "gc"
    static let summary = "Garbage collect rkt pods no longer in use"
    static let usage = "[--grace-period=DURATION] [--expire-prepared=DURATION] [--mark-only]"
    static let details = """
        Marks pods that have exited, and removes those that were marked longer ago than the grace period.
        So a pod goes at the second run at the earliest, unless the grace period is 0s.
        """
    static let needsUserNamespace = true

    static var flags: [Flag<Self>] {
        [
            .duration(
                "expire-prepared",
                default: "24h0m0s",
                "duration to wait before expiring prepared pods"
            ) { $0.expiry = $1 },
            .duration(
                "grace-period",
                default: "30m0s",
                "duration to wait before discarding inactive pods from garbage"
            ) { $0.grace = $1 },
            .bool("mark-only", "only mark exited pods, remove nothing") { $0.onlyMarks = $1 },
        ]
    }

    private var expiry = Duration.seconds(24 * 3600)
    private var grace = Duration.seconds(30 * 60)
    private var onlyMarks = false

    mutating func run(_ context: Context) throws {
        try context.refuseArguments()
        let grace = grace
        var hasFailed = false
        let collection = GarbageCollection(
            try context.pods(),
            release: { pod in try context.release(pod) },
            report: { event in
                if case .failed = event { hasFailed = true }
                Self.tell(event, grace, context)
            }
        )
        try collection.mark()
        if !onlyMarks {
            try collection.markPrepared(olderThan: expiry.components.seconds)
            try collection.sweep(grace: grace.components.seconds)
            try context.collectNetworks()
            if try !context.collectPlugins() { hasFailed = true }
            try context.imageStore().settle()
        }
        if hasFailed { throw CommandError.failed("failed to collect one or more pods or networks") }
    }

    private static func tell(
        _ event: GarbageCollection.Event,
        _ grace: Duration,
        _ context: Context
    ) {
        switch event {
        case .marked(let uuid): context.complain("moving pod \"\(uuid)\" to garbage")
        case .kept(let uuid):
            context.complain(
                "pod \"\(uuid)\" not removed: still within grace period (\(grace.goText))"
            )
        case .removing(let uuid): context.print("Garbage collecting pod \"\(uuid)\"")
        case .failed(let error): context.complain("\(error)")
        }
    }
}
