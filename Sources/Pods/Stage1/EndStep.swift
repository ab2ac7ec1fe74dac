internal import CFreestanding
internal import CStage1Plan

/// A step of giving back what the pod had on the host; failing is fine, because gc does it again.
struct EndStep {
    private let kind: plan_kind
    private let record: PlanReader

    init(_ kind: plan_kind, _ record: PlanReader) {
        self.kind = kind
        self.record = record
    }

    /// Carries the step out; the pod is gone by now.
    ///
    /// - Parameter filter: the socket to the firewall's rules, opened by the first step that needs one, and left open.
    func perform(_ pod: PodRecord, filter: inout Int32) {
        var record = record
        switch kind {
        case plan_end_remove:
            _ = unsafe k_unlinkat(-100, record.text().pointer, 0)
        case plan_end_strike: RowStriking(&record).perform()
        case plan_end_filter: changeFilter(record, &filter)
        // LOCK_EX | LOCK_NB: who gets it is the last pod on the host's network.
        case plan_end_filter_last:
            if k_flock(pod.hostNetwork, 6) == 0 { changeFilter(record, &filter) }
        case plan_end_execute:
            execute(record.text(), record.list())
            // What else the pod has of networks goes with this.
            if pod.network >= 0 { _ = k_close(pod.network) }
        default: break
        }
    }

    private func changeFilter(_ record: PlanReader, _ filter: inout Int32) {
        var record = record
        let messages = unsafe record.data()
        // NETLINK_NETFILTER
        if filter < 0 { filter = Int32(truncatingIfNeeded: k_netlink(12)) }
        _ = unsafe k_netlink_send(filter, messages.start, messages.count)
    }

    /// Leaves it to a child to close the socket by which rules were removed, and closes everything else here.
    ///
    /// The rules are gone, but who closes this socket waits until no packet can be on its way through them any more: ten
    /// milliseconds that nobody has to wait for. The child has nothing but the socket, so no lock or port is held by it.
    static func leaveClosing(_ filter: Int32) {
        guard filter >= 0 else { return }
        if filter > 0 { _ = k_close_range(0, UInt32(filter) - 1, 0) }
        _ = k_close_range(UInt32(filter) + 1, .max, 0)
        var ends: (Int32, Int32) = (-1, -1)
        _ = unsafe withUnsafeMutableBytes(of: &ends) {
            unsafe k_pipe($0.baseAddress?.assumingMemoryBound(to: Int32.self), 0)
        }
        if k_fork(0) == 0 {
            // Until this process has closed its own.
            _ = k_close(ends.1)
            var byte: UInt8 = 0
            _ = unsafe k_read(ends.0, &byte, 1)
            k_exit(0)
        }
        _ = k_close(filter)
    }

    private func execute(_ program: Text, _ arguments: TextList) {
        let child = Int32(truncatingIfNeeded: k_fork(0))
        if child == 0 {
            k_reset_signals()
            let environment = unsafe allocate(UnsafePointer<CChar>?.self, 2)
            unsafe environment[0] =
                ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" as Text)
                .pointer
            unsafe environment[1] = nil
            _ = unsafe k_execve(program.pointer, arguments.pointers, environment)
            k_exit(127)
        }
        var status: Int32 = 0
        if child > 0 { _ = unsafe k_wait(child, 0, &status) }
    }
}
