internal import CFreestanding
internal import CStage1Plan

/// PID 1 of the pod: makes what the apps share, starts them, reaps, and ends when the last one has.
@safe struct PodInit {
    private let control: Int32
    private let apps: UnsafeMutablePointer<AppRecord>
    private let pids: UnsafeMutablePointer<Int32>
    private var count = 0
    private var running = 0

    /// Started as `stage1 init CONTROL PLAN OUT0 ERR0 OUT1 ERR1 …`.
    static func main() -> Never {
        // An app must not be able to look into this process or hold its program (R5).
        _ = k_prctl(4, 0, 0)
        // If the supervisor is killed, the pod is too.
        _ = k_prctl(1, 9, 0)
        var pod = PodInit(control: descriptor(2))
        do throws(Failure) {
            try pod.start(plan: descriptor(3))
        } catch {
            pod.report(error)
            k_exit(254)
        }
        pod.reap()
    }

    private static func descriptor(_ index: Int32) -> Int32 {
        unsafe Int32(Text(k_argument(index)).decimal(limit: 1 << 20) ?? 0)
    }

    private init(control: Int32) {
        self.control = control
        unsafe apps = allocate(AppRecord.self, AppRecord.most)
        unsafe pids = allocate(Int32.self, AppRecord.most)
    }

    private mutating func start(plan: Int32) throws(Failure) {
        var plan = try PlanReader(descriptor: plan)
        try Mount.detachFromHost()
        var steps = Steps()
        while let record = plan.next() {
            if record.kind == plan_app {
                guard count < AppRecord.most else { fail("too many apps in the pod") }
                var app = AppRecord(record.payload)
                app.output = PodInit.descriptor(Int32(4 + 2 * count))
                app.errors = PodInit.descriptor(Int32(5 + 2 * count))
                unsafe apps[count] = app
                count += 1
            } else {
                _ = try steps.perform(record.kind, record.payload)
            }
        }
        for index in 0..<count { try startApp(index) }
        try shedPrivileges()
    }

    private mutating func startApp(_ index: Int) throws(Failure) {
        // CLONE_NEWNS: the app's mounts are its own.
        let child = try check(k_fork(0x0002_0000), "cannot start the app", unsafe apps[index].name)
        if child == 0 {
            let app = unsafe AppProcess(index: Int32(index), record: apps[index], control: control)
            app.run()
        }
        unsafe pids[index] = child
        _ = unsafe k_close(apps[index].output)
        _ = unsafe k_close(apps[index].errors)
        running += 1
    }

    /// Nothing but signalling and reaping is left to do: no file of the host stays in reach, no capability but CAP_KILL.
    private func shedPrivileges() throws(Failure) {
        let context = try check(unsafe k_fsopen("tmpfs"), "cannot mount", "tmpfs")
        try check(k_fsconfig(context, 6, nil, nil), "cannot mount", "tmpfs")
        let empty = try check(k_fsmount(context, 0x0F), "cannot mount", "tmpfs")
        let place = try openHandle("/proc")
        try check(k_move_mount(empty, place), "cannot mount an empty root")
        try Mount(descriptor: empty).becomeRoot()
        let kill: UInt64 = 1 << 5
        try check(k_set_capabilities(kill, kill, 0), "cannot drop capabilities")
        for descriptor in [context, empty, place] { _ = k_close(descriptor) }
    }

    // MARK: Reaping

    private mutating func reap() -> Never {
        let signals = Int32(truncatingIfNeeded: k_signal_descriptor())
        collect()
        let entries = unsafe allocate(k_poll_entry.self, 2)
        unsafe entries[0] = k_poll_entry(fd: signals, events: Int16(k_readable), revents: 0)
        unsafe entries[1] = k_poll_entry(fd: control, events: Int16(k_readable), revents: 0)
        while running > 0 {
            _ = unsafe k_poll(entries, 2, -1)
            if unsafe entries[1].revents != 0 { obey() }
            if unsafe entries[0].revents != 0 {
                var event = k_signal_event()
                while unsafe k_read_signal(signals, &event) > 0 {}
                collect()
            }
        }
        // The kernel ends whatever the apps left behind (man 7 pid_namespaces).
        k_exit(0)
    }

    private mutating func collect() {
        while true {
            var status: Int32 = 0
            let pid = unsafe k_wait(-1, 1, &status)
            guard pid > 0 else { return }
            for index in 0..<count where unsafe pids[index] == Int32(truncatingIfNeeded: pid) {
                unsafe pids[index] = 0
                running -= 1
                var message = k_message()
                message.kind = Int32(k_message_exited.rawValue)
                message.app = Int32(index)
                message.value = status
                _ = unsafe k_send(control, &message, -1)
            }
        }
    }

    private func obey() {
        var message = k_message()
        var pid: Int32 = 0
        var carried: Int32 = -1
        // The supervisor has gone: so do we, and the kernel takes everything else along.
        guard unsafe k_receive(control, &message, &pid, &carried) > 0 else { k_exit(254) }
        let index = Int(message.app)
        guard message.kind == Int32(k_message_signal.rawValue), index >= 0, index < count,
            unsafe pids[index] > 0
        else { return }
        // Who stays to run the handlers must not die with the app.
        let kills = unsafe message.value == 9 && apps[index].hasHandlers
        _ = unsafe k_kill(pids[index], kills ? AppProcess.killApp : message.value)
    }

    private func report(_ failure: Failure) {
        var message = k_message()
        message.kind = Int32(k_message_failed.rawValue)
        message.app = -1
        message.value = failure.error
        message.setText(failure.text)
        _ = unsafe k_send(control, &message, -1)
    }
}
