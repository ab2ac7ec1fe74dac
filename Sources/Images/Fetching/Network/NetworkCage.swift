internal import Linux
internal import Seccomp
internal import Unpacking

/// Confines the half that talks to the network before it says its first word.
///
/// It has no capability at all. Of the file system it reaches what resolving names and checking certificates needs, reads
/// the store's blobs, and writes to the store's downloads: nothing that an image is started from.
enum NetworkCage {
    private static let fileSize: UInt64 = 1 << 40
    private static let addressSpace: UInt64 = 4 << 30
    private static let processorTime: UInt64 = 4 * 60 * 60

    /// What may be read besides the store: directories, and single files where a directory holds secrets too.
    private static let readable = [
        "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf",
        "/etc/services", "/etc/protocols", "/etc/localtime", "/etc/ld.so.cache",
        "/etc/ssl/openssl.cnf", "/etc/ssl/certs", "/etc/ca-certificates", "/etc/pki/tls/certs",
        "/etc/pki/ca-trust/extracted", "/usr/share/ca-certificates",
        "/usr/local/share/ca-certificates",
        "/usr/lib", "/usr/lib64", "/lib", "/lib64", "/run/systemd/resolve", "/run/resolvconf",
        "/dev/urandom", "/dev/random", "/dev/null", "/proc/sys/net", "/proc/sys/crypto",
    ]

    /// What names are looked up with: plain sockets of the Internet protocols, and asking the kernel for addresses.
    private static let needed: Set = ["socket", "connect", "socketpair", "bind"]

    /// Enters the cage; nothing of it can be undone.
    ///
    /// - Parameters:
    ///   - downloads: where the work may write.
    ///   - readable: what else it reads.
    static func enter(
        writing downloads: borrowing Directory,
        reading blobs: borrowing Directory,
        and files: [String]
    ) throws(Errno) {
        try CurrentProcess.lower(.coreSize, to: 0)
        try CurrentProcess.lower(.fileSize, to: fileSize)
        try CurrentProcess.lower(.addressSpace, to: addressSpace)
        try CurrentProcess.lower(.processorTime, to: processorTime)
        try CurrentProcess.forbidNewPrivileges()
        try CurrentProcess.keepCapabilities([])
        if let version = Landlock.version, version > 1 {
            let rules = try Landlock(connects: true)
            try rules.allow(downloads)
            try rules.allowReading(blobs)
            for path in readable + files { try allow(path, in: rules) }
            try rules.enforce()
        }
        let forbidden = Cage.forbiddenSystemCalls.filter { !needed.contains($0) }
        try CurrentProcess.loadFilter(Seccomp.refusing(forbidden).map(\.word))
    }

    private static func allow(_ path: String, in rules: borrowing Landlock) throws(Errno) {
        // What isn't there needs no rule.
        guard let file = try? Descriptor.open(path, .nonBlocking),
            let kind = try? file.status().kind
        else { return }
        if kind == .directory {
            try rules.allowReading(Directory(file))
        } else {
            try rules.allowReading(file)
        }
    }
}
