/// The system calls an app may make when its image doesn't say otherwise.
package struct Profile: Sendable {
    /// What the app holds: some calls are worth allowing only to one who can use them.
    package let capabilities: CapabilitySet
    /// True keeps debuggers out, even the app's own.
    package let isStrict: Bool
    /// A security label forbids the app to mount.
    package let forbidsMounts: Bool

    /// The profile that engines of today agree on, with argument rules, for these capabilities.
    package static func `default`(
        capabilities: CapabilitySet,
        strict: Bool,
        forbidsMounts: Bool = false
    ) -> Profile {
        Profile(capabilities: capabilities, isStrict: strict, forbidsMounts: forbidsMounts)
    }

    /// The profile as a filter, which also is the named set `@docker/default-whitelist`.
    package func filter(architecture: Architecture = .native) -> Filter {
        var filter = Filter(architecture: architecture, unknown: .notImplemented)
        for section in SystemCallTable.sections {
            let rule = filter.define(rule(for: section.gate))
            section.forEachNumber(on: architecture) { filter.assign(rule, to: $0) }
        }
        return filter
    }

    /// The rule for the calls behind a gate.
    func rule(for gate: Gate) -> Rule {
        switch gate {
        case .allowed: .allow
        case .clone, .clone3, .ioctl, .personality, .socket: argumentRule(for: gate)
        case .mountDescriptors: holds(.sysAdmin) ? argumentRule(for: gate) : .notPermitted
        case .tracing: isStrict && !holds(.sysPtrace) ? .notPermitted : .allow
        case .capability(let any): capabilities.isDisjoint(with: any) ? .notPermitted : .allow
        case .unimplemented: .error(ErrorNumber.notImplemented)
        case .refused: .notPermitted
        }
    }

    /// The rule for a call that the image asked for by name: what its arguments decide stays decided.
    func argumentRule(for gate: Gate) -> Rule {
        switch gate {
        case .clone: holds(.sysAdmin) ? .allow : .threadsAndProcesses
        case .clone3: holds(.sysAdmin) ? .allow : .error(ErrorNumber.notImplemented)
        case .ioctl: .noTerminalInput
        case .personality: .executionDomains
        case .socket: .addressFamilies(rawSockets: holds(.netRaw), audit: holds(.auditWrite))
        case .mountDescriptors:
            forbidsMounts ? .error(ErrorNumber.notImplemented) : .allow
        case .allowed, .tracing, .capability, .unimplemented, .refused: .allow
        }
    }

    private func holds(_ capability: Capability) -> Bool { capabilities.contains(capability) }
}

extension Action {
    static let notPermitted = Action.error(ErrorNumber.notPermitted)
    static let notImplemented = Action.error(ErrorNumber.notImplemented)
}
