/// The filter an isolator asks for: its set decides about calls, our rules about their arguments.
struct IsolatorFilter {
    private(set) var filter: Filter
    private(set) var warnings: [String] = []

    init(
        _ isolator: SeccompIsolator,
        profile: Profile,
        loadedEarly: Bool,
        architecture: Architecture
    ) throws(SeccompError) {
        let refused = try Self.refusal(isolator.errno)
        let calls = SystemCallNames(architecture)
        let essential = Self.startsApp + (loadedEarly ? Self.dropsPrivileges : [])
        let essentialNumbers = Set(essential.compactMap { calls[$0] })
        var listed: Set<Int> = []
        for item in isolator.set {
            if item.hasPrefix("@") {
                guard let set = NamedSet(item) else { throw .unknownSet(item) }
                listed.formUnion(set.numbers(calls, profile))
            } else if let number = calls[item] {
                listed.insert(number)
            } else {
                warnings.append(
                    "system call \"\(item)\" does not exist on this architecture, skipping"
                )
            }
            if isolator.mode == .remove, essential.contains(item) {
                warnings.append(
                    "system call \"\(item)\" cannot be removed: the app's start needs it"
                )
            }
        }
        filter = Filter(architecture: architecture, unknown: .notImplemented)
        for section in SystemCallTable.sections {
            let granted = filter.define(profile.argumentRule(for: section.gate))
            // Also a set without clone3 leaves it absent: on any other error libc can't make threads.
            let denied = section.gate == .clone3 ? granted : filter.define(refused)
            section.forEachNumber(on: architecture) { number in
                let isGranted = listed.contains(number) == (isolator.mode == .retain)
                let isKept = isGranted || essentialNumbers.contains(number)
                filter.assign(isKept ? granted : denied, to: number)
            }
        }
    }

    private static func refusal(_ name: String?) throws(SeccompError) -> Rule {
        guard let name else { return .notPermitted }
        guard let number = ErrorNumber.named(name) else { throw .unknownErrorName(name) }
        return .error(number)
    }

    /// Without these no app starts or ends, whatever its set says.
    private static let startsApp = ["execve", "exit", "exit_group", "rt_sigreturn"]

    /// What stage1 still does under a filter that had to be loaded with privileges.
    private static let dropsPrivileges = [
        "capset", "close_range", "prctl", "setgroups", "setresgid", "setresuid", "write",
    ]
}

/// The numbers of one architecture's system calls by name, made only when an isolator names some.
struct SystemCallNames {
    private var numbers: [String: Int] = [:]

    init(_ architecture: Architecture) {
        self.architecture = architecture
        for section in SystemCallTable.sections {
            section.forEachCall(on: architecture) { numbers[$0] = $1 }
        }
    }

    let architecture: Architecture

    subscript(_ name: String) -> Int? { numbers[name] }

    /// Every number the architecture has.
    var all: Set<Int> { Set(numbers.values) }
}
