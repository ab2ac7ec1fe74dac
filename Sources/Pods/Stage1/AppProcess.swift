internal import CFreestanding
internal import CStage1Plan

/// An app from the inside: the child of PID 1 that builds the app's root and becomes the app.
struct AppProcess {
    let index: Int32
    let record: AppRecord
    let control: Int32

    /// Asks the process that runs an app's handlers to kill the app: a number that is no app's stop signal, because the C
    /// library keeps it for itself.
    static let killApp: Int32 = 32

    /// Never returns: becomes the app, or says why not and ends.
    func run() -> Never {
        // If PID 1 ends, so does everything in the pod; this closes the gap before that.
        _ = k_prctl(1, 9, 0)
        // Modes of what the steps make are meant as they are.
        _ = k_umask(0)
        var steps = Steps()
        do throws(Failure) {
            let prepared = try prepare(&steps)
            try connectStreams(steps)
            if record.hasHandlers { superviseHandlers(prepared, steps) }
            try becomeApp(prepared, steps)
        } catch {
            report(error)
        }
        k_exit(254)
    }

    /// What the app's records say, its steps carried out.
    private func prepare(_ steps: inout Steps) throws(Failure) -> Prepared {
        var reader = record.steps
        var confinement: Confinement?
        var preStart: TextList?
        var postStop: TextList?
        while var next = reader.next() {
            switch next.kind {
            case plan_pre_start: preStart = next.payload.list()
            case plan_post_stop: postStop = next.payload.list()
            case plan_process: confinement = Confinement(next.payload)
            default: _ = try steps.perform(next.kind, next.payload)
            }
        }
        guard let confinement else { fail("the plan has no process") }
        return Prepared(confinement: confinement, preStart: preStart, postStop: postStop)
    }

    private struct Prepared {
        let confinement: Confinement
        let preStart: TextList?
        let postStop: TextList?
    }

    private func connectStreams(_ steps: Steps) throws(Failure) {
        _ = k_setsid()
        if let terminal = steps.terminal {
            try Console.handOver(terminal.master, through: control, app: index)
            for stream in 0..<Int32(3) {
                try check(k_dup3(terminal.replica, stream, 0), "cannot connect the terminal")
            }
            try check(k_control_terminal(0), "cannot control the terminal")
        } else {
            try connectNull(try steps.rootOfApp())
            try check(k_dup3(record.output, 1, 0), "cannot connect stdout")
            try check(k_dup3(record.errors, 2, 0), "cannot connect stderr")
        }
    }

    /// stdin is the app's own null device; without one the stream stays what PID 1 has, the host's.
    private func connectNull(_ root: Root) throws(Failure) {
        let null = Int32(truncatingIfNeeded: root.openForReading("/dev/null"))
        guard null >= 0 else { return }
        if Status(of: null)?.isNull == true {
            try check(k_dup3(null, 0, 0), "cannot connect stdin")
        }
        _ = k_close(null)
    }

    private func becomeApp(_ prepared: Prepared, _ steps: Steps) throws(Failure) -> Never {
        let root = try steps.rootOfApp()
        k_reset_signals()
        do throws(Failure) {
            try prepared.confinement.become(in: root) {
                var message = k_message()
                message.kind = Int32(k_message_started.rawValue)
                message.app = index
                _ = unsafe k_send(control, &message, -1)
            }
        } catch {
            report(error)
            k_exit(error.exitCode)
        }
    }

    // MARK: Handlers

    /// Stays as the app's parent: pre-start before it, post-stop after it.
    private func superviseHandlers(_ prepared: Prepared, _ steps: Steps) -> Never {
        if let handler = prepared.preStart {
            let status = finish(start(prepared, steps, handler))
            if status != 0 {
                let step = Text(
                    joining: "the pre-start handler ended with ",
                    Text(Int(status)),
                    ":"
                )
                report(Failure(step: step, subject: handler[0], error: 0))
                k_exit(254)
            }
        }
        let status = finish(start(prepared, steps, nil))
        if let handler = prepared.postStop {
            // What stops the app is no business of what runs after it; the pod's own end bounds it.
            _ = finish(start(prepared, steps, handler), passesSignals: false)
        }
        k_exit(status)
    }

    private func start(_ prepared: Prepared, _ steps: Steps, _ handler: TextList?) -> Int32 {
        let child = Int32(truncatingIfNeeded: k_fork(0))
        if child != 0 { return child }
        _ = k_prctl(1, 9, 0)
        do throws(Failure) {
            guard let handler else { try becomeApp(prepared, steps) }
            let root = try steps.rootOfApp()
            k_reset_signals()
            try prepared.confinement.become(in: root, handler: handler) {}
        } catch {
            report(error)
            k_exit(254)
        }
    }

    /// Waits for a child, passing on every signal; gives 128 plus the signal for one that was killed.
    private func finish(_ child: Int32, passesSignals: Bool = true) -> Int32 {
        guard child > 0 else { return 254 }
        while true {
            var status: Int32 = 0
            if unsafe k_wait(child, 1, &status) == Int(child) {
                return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
            }
            var event = k_signal_event()
            if unsafe k_await_signal(&event) > 0, event.signal != 17, passesSignals {
                _ = k_kill(child, event.signal == AppProcess.killApp ? 9 : event.signal)
            }
        }
    }

    private func report(_ failure: Failure) {
        var message = k_message()
        message.kind = Int32(k_message_failed.rawValue)
        message.app = index
        message.value = failure.error
        message.setText(failure.text)
        _ = unsafe k_send(control, &message, -1)
    }
}

extension k_message {
    /// Copies a text, cut to what fits.
    mutating func setText(_ text: Text) {
        unsafe withUnsafeMutableBytes(of: &self.text) { buffer in
            for index in 0..<min(text.count, buffer.count - 1) {
                unsafe buffer[index] = text[index]
            }
        }
    }

    /// The text, kept in memory of the program's own.
    mutating func copiedText() -> Text {
        unsafe withUnsafeBytes(of: &self.text) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            return unsafe Text(joining: Text(start.assumingMemoryBound(to: CChar.self)))
        }
    }
}
