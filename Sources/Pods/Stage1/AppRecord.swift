internal import CFreestanding
internal import CStage1Plan

/// What a plan says about one app, and the descriptors of its output.
struct AppRecord {
    let name: Text
    let stopSignal: Int32
    let hasTerminal: Bool
    let hasHandlers: Bool
    /// The records of its own.
    let steps: PlanReader
    /// Where the app writes (in PID 1) or where its output is read (in the supervisor).
    var output: Int32 = -1
    var errors: Int32 = -1

    init(_ record: PlanReader) {
        var record = record
        name = record.text()
        let flags = UInt32(truncatingIfNeeded: record.integer())
        stopSignal = record.descriptor()
        hasTerminal = flags & plan_app_terminal.rawValue != 0
        hasHandlers = flags & plan_app_handlers.rawValue != 0
        steps = record
    }

    /// At most so many apps in a pod: each needs descriptors and a place in the poll.
    static let most = 64
}
