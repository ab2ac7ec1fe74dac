internal import Linux

/// What AppArmor offers to pods.
package enum AppArmor: Equatable, Sendable {
    /// The kernel has no AppArmor, or it is switched off.
    case off
    /// It is on, but nobody here can see or load its profiles.
    case outOfReach
    /// It is on, and these profiles for pods are loaded and enforced.
    case on(Set<String>)

    /// The profile that every app gets whose image doesn't name another.
    package static let engineProfile = "rkt-default"
    /// How the names of profiles for pods begin: others are for programs of the host.
    package static let prefix = "rkt-"

    private static let switchFile = "/sys/module/apparmor/parameters/enabled"
    private static let listFile = "/sys/kernel/security/apparmor/profiles"

    /// What this machine's kernel says.
    init() {
        guard let state = try? readHostFile(Self.switchFile, limit: 16),
            state.first == UInt8(ascii: "Y")
        else {
            self = .off
            return
        }
        guard let list = try? readHostFile(Self.listFile) else {
            self = .outOfReach
            return
        }
        self = .on(Self.podProfiles(in: list))
    }

    /// The profiles for pods in the kernel's list, one `NAME (MODE)` a line; those in complain mode confine nobody.
    static func podProfiles(in list: [UInt8]) -> Set<String> {
        var profiles: Set<String> = []
        for line in list.split(separator: 0x0A) where line.starts(with: prefix.utf8) {
            let text = String(decoding: line, as: UTF8.self)
            for mode in [" (enforce)", " (kill)"] where text.hasSuffix(mode) {
                profiles.insert(String(text.dropLast(mode.count)))
            }
        }
        return profiles
    }
}

extension AppArmor {
    private static let parsers = ["/usr/sbin/apparmor_parser", "/sbin/apparmor_parser"]

    /// Loads the engine's profile if it isn't loaded: once after each start of the machine.
    ///
    /// - Parameter warn: told why there will be no profile, and the remedy.
    mutating func loadEngineProfile(warn: (String) -> Void) throws(Stage0Error) {
        switch self {
        case .off: return
        case .outOfReach:
            warn("warning: apps get no AppArmor profile: /sys/kernel/security isn't mounted")
        case .on(let profiles):
            if profiles.contains(Self.engineProfile) { return }
            guard let parser = Self.parsers.first(where: Self.exists) else {
                warn("warning: apps get no AppArmor profile: install the package apparmor")
                return
            }
            try Self.load(AppArmorProfile.text, with: parser)
            self = .on(profiles.union([Self.engineProfile]))
        }
    }

    private static func exists(_ path: String) -> Bool {
        (try? Descriptor.open(path, .pathOnly)) != nil
    }

    private static func load(_ profile: String, with parser: String) throws(Stage0Error) {
        let status = try step("start \"\(parser)\"") { () throws(Errno) -> ExitStatus in
            // The text is smaller than what a pipe holds, so nobody has to read it meanwhile.
            let pipe = try Pipe()
            try pipe.writing.write(Array(profile.utf8))
            let null = try Descriptor.open("/dev/null", .readWrite)
            let text = pipe.readingEnd()
            // Without looking into the cache, replacing: two pods may start at the same time.
            return try Child.spawn(
                parser,
                arguments: [parser, "-qKr"],
                environment: [],
                descriptors: [text.number, null.number, StandardStream.error.rawValue]
            ).wait()
        }
        guard status == .exited(0) else {
            throw .appArmor(
                "\(parser) failed (see above); --insecure-options=paths starts pods without it"
            )
        }
    }
}
