internal import CFreestanding

/// What the supervisor is told from outside the pod, and by the kernel.
extension Supervisor {
    mutating func readSignals() {
        var event = k_signal_event()
        while unsafe k_read_signal(signals, &event) > 0 {
            switch event.signal {
            case 17: reapInit()
            case 28: console?.resize()
            // Nothing is left to stop but waiting for whoever doesn't read our output.
            case 1...3 where pid < 0, 15 where pid < 0: finish()
            case 15:
                // `rkt stop` queues the signal with the seconds it grants, or -1 for no second at all (SI_QUEUE).
                let grace = event.code == -1 ? Int64(event.value) * 1000 : pod.gracePeriod
                readersDeadline = now() + max(0, grace)
                if grace < 0 { perform(.kill) } else { stop(within: grace) }
            case 13, 18, 20, 21, 22, 23, 29: break
            default: signalApps { _ in event.signal }
            }
        }
    }

    mutating func reapInit() {
        var status: Int32 = 0
        guard pid > 0, unsafe k_wait(pid, 1, &status) == Int(pid) else { return }
        // What PID 1 said before it ended is still in the socket.
        readMessages()
        pid = -1
        state.ended()
    }

    mutating func stop(within milliseconds: Int64) {
        state.stopping(until: now() + milliseconds)
        signalApps { app in app.stopSignal }
    }

    func signalApps(_ signal: (AppRecord) -> Int32) {
        for index in 0..<pod.appCount where state[index].status == nil {
            var message = k_message()
            message.kind = Int32(k_message_signal.rawValue)
            message.app = Int32(index)
            message.value = unsafe signal(pod.apps[index])
            _ = unsafe k_send(control, &message, -1)
        }
    }

    mutating func perform(_ action: PodState.Action) {
        switch action {
        case .nothing: break
        case .stop: stop(within: pod.gracePeriod)
        case .killApps:
            signalApps { _ in 9 }
            state.awaitHandlers(until: now() + Supervisor.handlersPatience)
        // The kernel takes every process of the pod along with its PID 1.
        case .kill: _ = k_pidfd_signal(pidfd, 9)
        }
    }
}
