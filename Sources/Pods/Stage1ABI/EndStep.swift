internal import CStage1Plan

/// One step of giving back what a pod has outside its namespaces, decided by stage0 and carried out by the supervisor when
/// the pod has ended.
///
/// Paths are the host's, absolute or relative to the pod directory. A step that fails never stops the next one: what stays
/// is gc's to remove, as after a kill.
package enum EndStep: Equatable, Sendable {
    /// Removes a file.
    case remove(hostFile: String)
    /// Writes `#` over the beginning of each row that has a text at its place, in all files of a directory.
    ///
    /// Rows have the same length throughout. The directory is locked meanwhile.
    case strike(hostDirectory: String, text: String, offset: Int, length: Int)
    /// Changes the firewall's rules in the host's network namespace: a ready transaction.
    case filter([UInt8])
    /// The same, if no other pod holds a lock on that namespace.
    case filterIfLast([UInt8])
    /// Runs a program to its end, in the pod's directory; until then the pod's network namespace is held open.
    case execute(program: String, arguments: [String])

    func write(to writer: inout PlanWriter) {
        switch self {
        case .remove(let file):
            writer.record(plan_end_remove) { $0.string(file) }
        case .strike(let directory, let text, let offset, let length):
            writer.record(plan_end_strike) {
                $0.string(directory)
                $0.string(text)
                $0.integer(offset)
                $0.integer(length)
            }
        case .filter(let transaction):
            writer.record(plan_end_filter) { $0.data(transaction) }
        case .filterIfLast(let transaction):
            writer.record(plan_end_filter_last) { $0.data(transaction) }
        case .execute(let program, let arguments):
            writer.record(plan_end_execute) {
                $0.string(program)
                $0.strings(arguments)
            }
        }
    }
}
