internal import CFreestanding

/// Connects the app's terminal with the one rkt was started on.
@safe struct Console {
    /// The app's terminal, or -1.
    private(set) var master: Int32
    private(set) var isInputOpen = true
    private let saved: UnsafeMutablePointer<UInt8>
    private let isTerminal: Bool

    /// Takes the master side; a terminal on stdin turns raw until `close`.
    init(master: Int32) {
        self.master = master
        unsafe saved = allocate(UInt8.self, 128)
        isTerminal = k_is_terminal(0) != 0
        if isTerminal {
            _ = k_window_copy(0, master)
            _ = unsafe k_terminal_raw(0, saved)
        }
    }

    /// Gives the master side away and waits until whoever takes it has made the window as large as its own.
    ///
    /// The sign is the closing of a pipe that is sent behind it: whoever doesn't know the message closes what it carries.
    static func handOver(_ master: Int32, through control: Int32, app: Int32) throws(Failure) {
        var message = k_message()
        message.kind = Int32(k_message_console.rawValue)
        message.app = app
        try check(unsafe k_send(control, &message, master), "cannot hand over the terminal")
        var ends: (Int32, Int32) = (-1, -1)
        let made = unsafe withUnsafeMutableBytes(of: &ends) {
            unsafe k_pipe($0.baseAddress?.assumingMemoryBound(to: Int32.self), 0o2000000)
        }
        try check(made, "cannot make a pipe")
        message.kind = Int32(k_message_go.rawValue)
        try check(unsafe k_send(control, &message, ends.1), "cannot hand over the terminal")
        _ = k_close(ends.1)
        var byte: UInt8 = 0
        _ = unsafe k_read(ends.0, &byte, 1)
        _ = k_close(ends.0)
    }

    /// The window was resized.
    func resize() { _ = k_window_copy(0, master) }

    /// What was typed goes to the app.
    mutating func pumpInput(_ chunk: UnsafeMutablePointer<UInt8>) {
        let count = unsafe k_read(0, chunk, 4096)
        if count > 0 {
            unsafe Console.writeAll(master, chunk, count)
        } else if count != -4, count != -11 {
            // The end of a pipe or file is the terminal's end-of-file character to the app.
            isInputOpen = false
            unsafe chunk[0] = 4
            unsafe Console.writeAll(master, chunk, 1)
        }
    }

    /// What the app prints goes to stdout; its end (EIO) closes the terminal.
    mutating func pumpOutput(_ chunk: UnsafeMutablePointer<UInt8>) {
        let count = unsafe k_read(master, chunk, 4096)
        if count > 0 {
            unsafe Console.writeAll(1, chunk, count)
        } else if count != -4, count != -11 {
            close()
        }
    }

    /// Gives the terminal back as it was.
    mutating func close() {
        guard master >= 0 else { return }
        if isTerminal { _ = unsafe k_terminal_restore(0, saved) }
        _ = k_close(master)
        master = -1
    }

    private static func writeAll(
        _ target: Int32,
        _ bytes: UnsafeMutablePointer<UInt8>,
        _ count: Int
    ) {
        var done = 0
        while done < count {
            let written = unsafe k_write(target, bytes + done, count - done)
            if written == -4 { continue }
            if written <= 0 { return }
            done += written
        }
    }
}
