internal import CFreestanding
internal import CStage1Plan

/// `rkt enter`: a process that joins a running app and is confined like it, by the same function.
struct Enter {
    private let signals: Int32
    private let control: (ours: Int32, theirs: Int32)

    /// Started as `stage1 enter PLAN`, from a sealed copy of the program.
    static func main(plan descriptor: Int32) -> Never {
        // From here on we join namespaces in which somebody may want to look into us (CVE-2016-9962).
        _ = k_prctl(4, 0, 0)
        do throws(Failure) {
            var plan = try PlanReader(descriptor: descriptor)
            guard let first = plan.next(), first.kind == plan_enter else {
                fail("not a plan to enter")
            }
            try Enter().run(first.payload, plan)
        } catch {
            fail(error.text)
        }
    }

    private init() throws(Failure) {
        signals = try check(k_signal_descriptor(), "cannot read signals")
        var ends: (Int32, Int32) = (-1, -1)
        let result = unsafe withUnsafeMutableBytes(of: &ends) {
            unsafe k_message_pair($0.baseAddress?.assumingMemoryBound(to: Int32.self))
        }
        try check(result, "cannot make a socket")
        control = (ends.0, ends.1)
    }

    private func run(_ head: PlanReader, _ plan: PlanReader) throws(Failure) -> Never {
        var head = head
        guard head.integer() == UInt64(plan_magic), head.integer() == UInt64(plan_version) else {
            fail("the plan is of another version of rkt")
        }
        let process = head.descriptor()
        let namespaces = head.descriptor()
        let hasTerminal = head.flag()
        // The cgroup first: devices and limits hold before anything of the pod can be touched (CVE-2019-10147).
        var confinement: Confinement?
        var later = plan
        var steps = Steps()
        while let record = later.next() {
            if record.kind == plan_process { confinement = Confinement(record.payload) }
            if record.kind == plan_join_cgroup {
                _ = try steps.perform(record.kind, record.payload)
            }
        }
        guard let confinement else { fail("the plan has no process") }
        try check(k_setns(process, namespaces), "cannot join the app's namespaces")
        // A process id namespace takes in children only.
        let child = try check(k_fork(0), "cannot start the process")
        if child == 0 { become(confinement, plan, hasTerminal) }
        _ = k_close(control.theirs)
        wait(for: child)
    }

    private func become(
        _ confinement: Confinement,
        _ plan: PlanReader,
        _ hasTerminal: Bool
    ) -> Never {
        _ = k_prctl(1, 9, 0)
        do throws(Failure) {
            let directory = try openHandle("/")
            let root = Root(directory: directory)
            if hasTerminal { try connectTerminal(root) }
            var steps = Steps()
            var plan = plan
            while let record = plan.next() {
                if record.kind != plan_process, record.kind != plan_join_cgroup {
                    _ = try steps.perform(record.kind, record.payload)
                }
            }
            k_reset_signals()
            try confinement.become(in: root) {}
        } catch {
            say(error.text)
            k_exit(error.exitCode)
        }
    }

    private func connectTerminal(_ root: Root) throws(Failure) {
        let devices = try check(root.handle("/dev/pts", follow: false), "cannot open", "/dev/pts")
        var replica: Int32 = -1
        let master = try check(unsafe k_open_terminal(devices, &replica), "cannot make a terminal")
        try Console.handOver(master, through: control.theirs, app: 0)
        _ = k_setsid()
        for stream in 0..<Int32(3) {
            try check(k_dup3(replica, stream, 0), "cannot connect the terminal")
        }
        try check(k_control_terminal(0), "cannot control the terminal")
    }

    /// Passes on signals and the terminal until the process has ended; ends like it.
    private func wait(for child: Int32) -> Never {
        var console: Console?
        var isAwaitingConsole = true
        let entries = unsafe allocate(k_poll_entry.self, 4)
        let chunk = unsafe allocate(UInt8.self, 4096)
        let readable = Int16(k_readable)
        var code: Int32?
        while code == nil || (console?.master ?? -1) >= 0 {
            let master = console?.master ?? -1
            let isTyping = master >= 0 && console?.isInputOpen == true
            unsafe entries[0] = k_poll_entry(fd: signals, events: readable, revents: 0)
            unsafe entries[1] = k_poll_entry(
                fd: isAwaitingConsole ? control.ours : -1,
                events: readable,
                revents: 0
            )
            unsafe entries[2] = k_poll_entry(fd: isTyping ? 0 : -1, events: readable, revents: 0)
            unsafe entries[3] = k_poll_entry(fd: master, events: readable, revents: 0)
            // With the process gone the terminal has nothing more to say than what is in it now.
            let ready = unsafe k_poll(entries, 4, code == nil ? -1 : 50)
            if ready == 0 { console?.close() }
            if unsafe entries[1].revents != 0 { isAwaitingConsole = receive(&console) }
            if unsafe entries[3].revents != 0 { unsafe console?.pumpOutput(chunk) }
            if unsafe entries[2].revents != 0 { unsafe console?.pumpInput(chunk) }
            if unsafe entries[0].revents != 0, let ended = readSignals(child, console) {
                code = ended
            }
        }
        k_exit(code ?? 254)
    }

    /// Takes what the process hands over: its terminal, then the descriptor that it waits to see closed.
    ///
    /// - Returns: whether more may come.
    private func receive(_ console: inout Console?) -> Bool {
        var message = k_message()
        var sender: Int32 = 0
        var carried: Int32 = -1
        let result = unsafe k_receive(control.ours, &message, &sender, &carried)
        if result == -11 { return true }
        if result > 0, message.kind == Int32(k_message_console.rawValue), carried >= 0 {
            console = Console(master: carried)
            return true
        }
        // The process waits no longer, or needs no terminal and has closed its end of the socket.
        if carried >= 0 { _ = k_close(carried) }
        _ = k_close(control.ours)
        return false
    }

    private func readSignals(_ child: Int32, _ console: Console?) -> Int32? {
        var event = k_signal_event()
        var code: Int32?
        while unsafe k_read_signal(signals, &event) > 0 {
            switch event.signal {
            case 17:
                var status: Int32 = 0
                if unsafe k_wait(child, 1, &status) == Int(child) {
                    code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
                }
            case 28: console?.resize()
            case 13, 18, 20, 21, 22: break
            default: _ = k_kill(child, event.signal)
            }
        }
        return code
    }
}
