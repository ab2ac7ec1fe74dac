extension ImageConfiguration.Execution {
    /// A stop signal is named that means nothing on Linux.
    package var hasUnknownStopSignal: Bool { !stopSignal.isEmpty && stopSignalNumber == nil }

    /// The number of the signal that asks the program to end; nil if none is named or the name means
    /// nothing on Linux.
    package var stopSignalNumber: Int? {
        if let number = Int(stopSignal) {
            return 1...31 ~= number || 34...64 ~= number ? number : nil
        }
        let upper = stopSignal.uppercased()
        let name = upper.hasPrefix("SIG") ? upper.dropFirst(3) : upper[...]
        if let number = Self.signals.firstIndex(of: String(name)) { return number + 1 }
        return Self.realTimeSignal(name)
    }

    /// The signals from 1 on, as Linux numbers them on every processor this project is built for.
    private static let signals = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
        "PIPE",
        "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU",
        "XFSZ",
        "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ]

    /// `RTMIN`, `RTMIN+3`, `RTMAX-2`; the first two real-time signals belong to the C library.
    private static func realTimeSignal(_ name: Substring) -> Int? {
        let (least, most) = (34, 64)
        func signal(_ base: Int, _ offset: Substring) -> Int? {
            if offset.isEmpty { return base }
            guard let offset = Int8(offset) else { return nil }
            let number = base + Int(offset)
            return least...most ~= number ? number : nil
        }
        if name.hasPrefix("RTMIN") { return signal(least, name.dropFirst(5)) }
        if name.hasPrefix("RTMAX") { return signal(most, name.dropFirst(5)) }
        return nil
    }
}
