internal import AppContainer
internal import Seccomp

/// What an app may do, decided from its isolators, its image's format and the operator's flags.
///
/// An ACI gets what the App Container specification promises it, an OCI image what its engines agree on, which is
/// less; `--default-caps=strict` gives less to both.
struct SandboxProfile {
    let capabilities: CapabilitySet
    let noNewPrivileges: Bool
    /// The seccomp program, 8 bytes an instruction; empty for none.
    let seccomp: [UInt8]
    /// The AppArmor profile; empty for none.
    let label: String
    /// What the isolators ask for and don't get, one sentence each.
    let warnings: [String]

    init(
        _ app: App,
        named name: String,
        options: StartOptions,
        appArmor: AppArmor
    ) throws(Stage0Error) {
        capabilities =
            options.insecure.contains(.capabilities)
            ? .all : try app.capabilities(named: name, isStrict: options.isStrict)
        noNewPrivileges = app.forbidsNewPrivileges(isStrict: options.isStrict)
        var warnings = app.isolators.compactMap(\.warning)
        label =
            options.insecure.contains(.paths)
            ? "" : try app.label(named: name, appArmor: appArmor, warnings: &warnings)
        seccomp = try Self.filter(
            app,
            named: name,
            options: options,
            capabilities: capabilities,
            noNewPrivileges: noNewPrivileges,
            forbidsMounts: label == AppArmor.engineProfile,
            warnings: &warnings
        )
        self.warnings = warnings
    }

    private static func filter(
        _ app: App,
        named name: String,
        options: StartOptions,
        capabilities: CapabilitySet,
        noNewPrivileges: Bool,
        forbidsMounts: Bool,
        warnings: inout [String]
    ) throws(Stage0Error) -> [UInt8] {
        if options.insecure.contains(.seccomp) { return [] }
        let request = SeccompRequest(
            isolator: app.isolators.lazy.compactMap(\.systemCalls).first,
            capabilities: capabilities,
            isStrict: options.isStrict,
            noNewPrivileges: noNewPrivileges,
            forbidsMounts: forbidsMounts
        )
        do throws(SeccompError) {
            guard let program = try Seccomp.filter(for: request) else { return [] }
            warnings += program.warnings
            return bytes(of: program.instructions)
        } catch {
            throw .seccomp(app: name, error)
        }
    }

    private static func bytes(of program: [BPFInstruction]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(program.count * 8)
        for instruction in program {
            let word = instruction.word
            for shift: UInt64 in [0, 8, 16, 24, 32, 40, 48, 56] {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }
}

extension App {
    /// The capabilities the app can ever have.
    fileprivate func capabilities(
        named name: String,
        isStrict: Bool
    ) throws(Stage0Error) -> CapabilitySet {
        var set: CapabilitySet = isOCI || isStrict ? .oci : .appc
        for isolator in isolators {
            switch isolator {
            case .capabilitiesRetain(let names): set = try Self.set(names, name)
            case .capabilitiesRemove(let names): set.subtract(try Self.set(names, name))
            default: break
            }
        }
        return set
    }

    /// The app's AppArmor profile: the engine's, or the loaded one that its isolator names.
    fileprivate func label(
        named name: String,
        appArmor: AppArmor,
        warnings: inout [String]
    ) throws(Stage0Error) -> String {
        let wish = isolators.lazy.compactMap { isolator -> String? in
            if case .apparmorProfile(let profile) = isolator { profile } else { nil }
        }.first
        guard case .on(let profiles) = appArmor else {
            if let wish { warnings.append("there is no AppArmor for the profile \"\(wish)\"") }
            return ""
        }
        guard let wish else {
            return profiles.contains(AppArmor.engineProfile) ? AppArmor.engineProfile : ""
        }
        // A program's profile may allow more than ours, "unconfined" everything: an image mustn't choose
        // those (R8), and what is for pods says so in its name.
        guard profiles.contains(wish) else {
            throw .app(
                name,
                reason: """
                    no AppArmor profile for pods is called \(wish.debugDescription): its name has to begin with \
                    "\(AppArmor.prefix)", and it has to be loaded and enforced
                    """
            )
        }
        return wish
    }

    private static func set(
        _ names: [String],
        _ app: String
    ) throws(Stage0Error) -> CapabilitySet {
        var set: CapabilitySet = []
        for name in names {
            guard let capability = Capability(name: name) else {
                throw .app(app, reason: "unknown capability \(name.debugDescription)")
            }
            set.formUnion(CapabilitySet([capability]))
        }
        return set
    }

    /// Whether no program may give the app more than it has (`prctl(2)`, PR_SET_NO_NEW_PRIVS).
    ///
    /// appc says no unless the image asks; engines of OCI images can afford yes. stage1 sets it for
    /// every user but 0 besides, also when only the image's passwd file tells who that is.
    fileprivate func forbidsNewPrivileges(isStrict: Bool) -> Bool {
        let wishes = isolators.compactMap { isolator -> Bool? in
            if case .noNewPrivileges(let wish) = isolator { wish } else { nil }
        }
        if wishes.contains(true) || isStrict { return true }
        switch user {
        case .id(let id) where id != 0: return true
        case .name(let name) where name != "root": return true
        default: return isOCI && wishes.isEmpty
        }
    }
}

extension Isolator {
    fileprivate var systemCalls: SeccompIsolator? {
        switch self {
        case .seccompRetain(let set):
            SeccompIsolator(mode: .retain, set: set.names, errno: set.errno)
        case .seccompRemove(let set):
            SeccompIsolator(mode: .remove, set: set.names, errno: set.errno)
        default: nil
        }
    }

    /// Said for each isolator that is understood and has no effect.
    fileprivate var warning: String? {
        switch self {
        case .blockBandwidth, .blockIOPS, .networkBandwidth, .sysctl, .selinuxContext,
            .unknown:
            "the isolator \(name) has no effect"
        default: nil
        }
    }
}
