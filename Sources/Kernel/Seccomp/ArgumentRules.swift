extension Rule {
    static let notPermitted = Rule.error(ErrorNumber.notPermitted)

    /// `clone(2)` without any `CLONE_NEW*` flag: a new user namespace opens the kernel's
    /// administrative code to everybody, which is where most of its escapes were found.
    static let threadsAndProcesses = Rule(
        [Case(.allow, when: [Comparison(argument: 0, mask: 0x7E02_0000, value: 0)])],
        otherwise: .notPermitted
    )

    /// `ioctl(2)` except `TIOCSTI` and `TIOCLINUX`, which type into the terminal that `rkt run
    /// --interactive` shares with the operator's shell.
    static let noTerminalInput = Rule(
        [
            Case(.notPermitted, when: [.int(1, 0x5412)]),
            Case(.notPermitted, when: [.int(1, 0x541C)]),
        ],
        otherwise: .allow
    )

    /// `personality(2)` for `PER_LINUX`, `PER_LINUX32`, `UNAME26`, both, and the query, but not
    /// `ADDR_NO_RANDOMIZE` or `READ_IMPLIES_EXEC`.
    static let executionDomains = Rule(
        [0, 0x8, 0x2_0000, 0x2_0008, 0xFFFF_FFFF].map { Case(.allow, when: [.int(0, $0)]) },
        otherwise: .notPermitted
    )

    /// `socket(2)` for the families a pod has, instead of whatever protocol module the host can load.
    ///
    /// A program without CAP_AUDIT_WRITE is told that there is no audit (EINVAL), because PAM goes on
    /// without audit but gives up on EPERM.
    static func addressFamilies(rawSockets: Bool, audit: Bool) -> Rule {
        let (unix, inet, inet6, netlink, packet): (UInt32, UInt32, UInt32, UInt32, UInt32)
        (unix, inet, inet6, netlink, packet) = (1, 2, 10, 16, 17)
        let netlinkAudit: UInt32 = 9
        var cases: [Case] = []
        if !audit {
            cases.append(
                Case(
                    .error(ErrorNumber.invalidArgument),
                    when: [.int(0, netlink), .int(2, netlinkAudit)]
                )
            )
        }
        let families = [unix, inet, inet6, netlink] + (rawSockets ? [packet] : [])
        cases += families.map { Case(.allow, when: [.int(0, $0)]) }
        return Rule(cases, otherwise: .error(ErrorNumber.addressFamilyNotSupported))
    }
}
