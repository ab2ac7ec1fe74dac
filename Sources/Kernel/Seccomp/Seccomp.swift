/// All that decides an app's filter.
package struct SeccompRequest: Sendable {
    package var isolator: SeccompIsolator?
    package var capabilities: CapabilitySet
    package var isStrict: Bool
    /// True when the filter is loaded last, right before the app's execve.
    ///
    /// Without no_new_privs only a privileged process may load a filter, so stage1 has to give up its
    /// privileges under the filter, which then must let it.
    package var noNewPrivileges: Bool
    /// The app gets a security label that forbids mounting.
    package var forbidsMounts: Bool

    package init(
        isolator: SeccompIsolator? = nil,
        capabilities: CapabilitySet,
        isStrict: Bool = false,
        noNewPrivileges: Bool,
        forbidsMounts: Bool = false
    ) {
        self.isolator = isolator
        self.capabilities = capabilities
        self.isStrict = isStrict
        self.noNewPrivileges = noNewPrivileges
        self.forbidsMounts = forbidsMounts
    }
}

/// A filter ready to be loaded, and what the operator should know about it.
package struct SeccompProgram: Sendable {
    package let instructions: [BPFInstruction]
    /// One sentence for each part of the isolator that has no effect here.
    package let warnings: [String]
}

/// From isolators to BPF.
package enum Seccomp {
    /// The program for an app; nil when it asked for `retain @appc.io/all`, which means no filter.
    package static func filter(
        for request: SeccompRequest,
        architecture: Architecture = .native
    ) throws(SeccompError) -> SeccompProgram? {
        let profile = Profile.default(
            capabilities: request.capabilities,
            strict: request.isStrict,
            forbidsMounts: request.forbidsMounts
        )
        guard let isolator = request.isolator, !isolator.isDefault else {
            let program = profile.filter(architecture: architecture).program()
            return SeccompProgram(instructions: program, warnings: [])
        }
        if isolator.isUnfiltered { return nil }
        let compiled = try IsolatorFilter(
            isolator,
            profile: profile,
            loadedEarly: !request.noNewPrivileges,
            architecture: architecture
        )
        return SeccompProgram(
            instructions: compiled.filter.program(),
            warnings: compiled.warnings
        )
    }
}

extension SeccompIsolator {
    /// `remove @appc.io/empty`: the appc spelling of "the engine's default".
    fileprivate var isDefault: Bool { mode == .remove && set == ["@appc.io/empty"] }

    /// `retain @appc.io/all`: no filter at all.
    fileprivate var isUnfiltered: Bool { mode == .retain && set.contains("@appc.io/all") }
}
