internal import CFreestanding

/// What PID 1 and the apps tell the supervisor.
extension Supervisor {
    mutating func readMessages() {
        var message = k_message()
        var sender: Int32 = 0
        var carried: Int32 = -1
        while unsafe k_receive(control, &message, &sender, &carried) > 0 {
            let index = Int(message.app)
            let isApp = index >= 0 && index < pod.appCount
            switch UInt32(message.kind) {
            case k_message_started.rawValue where isApp: appStarted(index, sender)
            case k_message_exited.rawValue where isApp: appExited(index, message.value)
            case k_message_console.rawValue where isApp && carried >= 0:
                console = Console(master: carried)
            case k_message_failed.rawValue:
                report(message.copiedText(), isApp ? unsafe pod.apps[index].name : "")
                if !isApp { perform(state.failed()) }
            default: if carried >= 0 { _ = k_close(carried) }
            }
        }
        // The end of the socket must not wake us again; PID 1's own end is told by a signal.
        if unsafe entries[1].revents & Int16(k_hang_up) != 0 {
            _ = k_close(control)
            control = -1
        }
    }

    func report(_ text: Text, _ app: Text) {
        say(app.isEmpty ? text : Text(joining: "app \"", app, "\": ", text))
    }

    mutating func appStarted(_ index: Int, _ process: Int32) {
        state.started(index)
        let name = unsafe pod.apps[index].name
        writeStatus(Text(joining: name, "-started"), Int(process))
        guard state.areAllStarted else { return }
        _ = unsafe k_symlinkat("ready", pod.directory, "stage1/rootfs/rkt/supervisor-status")
        // `man 3 sd_notify`: a unit of Type=notify is started now.
        let message: Text = "READY=1\n"
        if pod.serviceManager >= 0 {
            _ = unsafe k_write(pod.serviceManager, message.pointer, message.count)
        }
    }

    mutating func appExited(_ index: Int, _ status: Int32) {
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
        perform(state.exited(index, code))
    }

    func writeStatus(_ name: Text, _ value: Int) {
        let path = Text(joining: "stage1/rootfs/rkt/status/", name)
        let file = unsafe k_openat(pod.directory, path.pointer, 0o2001101, 0o640)
        guard file >= 0 else { return }
        let line = Text(joining: Text(value), "\n")
        _ = unsafe k_write(Int32(truncatingIfNeeded: file), line.pointer, line.count)
        _ = k_close(Int32(truncatingIfNeeded: file))
    }
}
