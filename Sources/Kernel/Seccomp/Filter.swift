/// What the kernel does with a system call.
package enum Action: Hashable, Sendable {
    case allow
    /// Fails it with this error number.
    case error(UInt16)

    /// The value a filter returns: `SECCOMP_RET_*` in `linux/seccomp.h`.
    package var returnValue: UInt32 {
        switch self {
        case .allow: 0x7FFF_0000
        case .error(let number): 0x0005_0000 | UInt32(number)
        }
    }
}

/// A condition on one argument of a system call: `argument & mask == value`.
package struct Comparison: Hashable, Sendable {
    package let argument: Int
    package let mask: UInt64
    package let value: UInt64

    /// All 64 bits, or those in the mask, equal the value.
    package init(argument: Int, mask: UInt64 = .max, value: UInt64) {
        self.argument = argument
        self.mask = mask
        self.value = value
    }

    /// The low half equals the value, which is all that the kernel reads of an `int`.
    ///
    /// Comparing all 64 bits there would let a program set a high bit and pass.
    package static func int(_ argument: Int, _ value: UInt32) -> Comparison {
        Comparison(argument: argument, mask: 0xFFFF_FFFF, value: UInt64(value))
    }
}

/// What happens to one system call: the first case that holds decides.
package struct Rule: Hashable, Sendable {
    /// An action and the comparisons that must all hold for it.
    package struct Case: Hashable, Sendable {
        package let all: [Comparison]
        package let action: Action

        package init(_ action: Action, when all: [Comparison]) {
            self.all = all
            self.action = action
        }
    }

    package let cases: [Case]
    package let otherwise: Action

    package init(_ cases: [Case] = [], otherwise: Action) {
        self.cases = cases
        self.otherwise = otherwise
    }

    /// The call is allowed whatever its arguments.
    package static let allow = Rule(otherwise: .allow)

    /// The call fails whatever its arguments.
    package static func error(_ number: UInt16) -> Rule { Rule(otherwise: .error(number)) }
}

/// A seccomp filter as a value: a rule for each system call number of one architecture.
package struct Filter: Sendable {
    /// A rule of this filter, made by ``define(_:)``.
    package struct RuleID: Hashable, Sendable {
        let index: UInt8
    }

    package let architecture: Architecture
    /// The distinct rules; the first is for numbers that have none.
    private(set) var rules: [Rule]
    /// The rule of each number from 0; a number beyond the end is unknown.
    private(set) var assignments: [RuleID] = []

    /// A filter that answers every number with the same action.
    ///
    /// Calls of other architectures always fail with ENOSYS: their numbers mean other calls.
    package init(architecture: Architecture, unknown: Action) {
        self.architecture = architecture
        rules = [Rule(otherwise: unknown)]
        assignments.reserveCapacity(512)
    }

    /// Adds a rule, or finds it.
    package mutating func define(_ rule: Rule) -> RuleID {
        if let index = rules.firstIndex(of: rule) { return RuleID(index: UInt8(index)) }
        precondition(rules.count < 256, "a filter has at most 256 distinct rules")
        rules.append(rule)
        return RuleID(index: UInt8(rules.count - 1))
    }

    /// Gives a system call its rule.
    package mutating func assign(_ rule: RuleID, to number: Int) {
        while assignments.count <= number { assignments.append(RuleID(index: 0)) }
        assignments[number] = rule
    }

    /// The rule of a number, with the rule for unknown numbers where none was assigned.
    package func rule(of number: Int) -> Rule {
        guard assignments.indices.contains(number) else { return rules[0] }
        return rules[Int(assignments[number].index)]
    }
}
