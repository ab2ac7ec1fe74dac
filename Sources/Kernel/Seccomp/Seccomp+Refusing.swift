extension Seccomp {
    /// The program for a process of ours: the named calls fail with EPERM, all others are allowed.
    ///
    /// A name that the architecture doesn't have means nothing; calls of other architectures fail with ENOSYS.
    package static func refusing(
        _ names: [String],
        architecture: Architecture = .native
    ) -> [BPFInstruction] {
        let calls = SystemCallNames(architecture)
        var filter = Filter(architecture: architecture, unknown: .allow)
        let refused = filter.define(.error(ErrorNumber.notPermitted))
        for number in names.compactMap({ calls[$0] }) { filter.assign(refused, to: number) }
        return filter.program()
    }
}
