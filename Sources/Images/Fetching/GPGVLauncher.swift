internal import Linux
internal import Seccomp
internal import Trust
internal import Unpacking

/// How `rkt-fetcher` becomes `gpgv`, in a cage narrower than its own: it reads its pipes and the system's libraries.
enum GPGVLauncher {
    private static let argument = "--become-gpgv"
    /// Seconds of processor time: a terabyte.
    private static let processorTime: UInt64 = 60 * 60
    private static let addressSpace: UInt64 = 1 << 30
    private static let libraries = ["/usr", "/lib", "/lib64", "/etc"]

    /// The command that starts it.
    static var command: (program: String, arguments: [String]) {
        (CurrentProcess.executablePath, ["rkt-fetcher", argument])
    }

    /// Whether this process was started by ``command``.
    static func isMeant(by arguments: [String]) -> Bool { arguments.dropFirst() == [argument] }

    /// Confines this process and becomes `gpgv`; returns only if that fails, with an exit code.
    static func run() -> Int32 {
        do throws(Errno) {
            try confine()
        } catch { return 254 }
        return SignatureChecker.becomeProgram()
    }

    private static func confine() throws(Errno) {
        try CurrentProcess.lower(.coreSize, to: 0)
        try CurrentProcess.lower(.fileSize, to: 0)
        try CurrentProcess.lower(.addressSpace, to: addressSpace)
        try CurrentProcess.lower(.processorTime, to: processorTime)
        try CurrentProcess.forbidNewPrivileges()
        try CurrentProcess.keepCapabilities([])
        if Landlock.version != nil {
            let rules = try Landlock()
            for path in libraries {
                guard let directory = try? Directory(path: path) else { continue }
                if path == "/etc" {
                    try rules.allowReading(directory)
                } else {
                    try rules.allowExecuting(directory)
                }
            }
            try rules.enforce()
        }
        // Only the program itself is left to be executed.
        let forbidden = Cage.forbiddenSystemCalls.filter { $0 != "execve" }
        try CurrentProcess.loadFilter(Seccomp.refusing(forbidden).map(\.word))
    }
}
