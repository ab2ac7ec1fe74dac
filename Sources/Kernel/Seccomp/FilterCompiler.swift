extension Filter {
    /// The filter as a BPF program: architecture check, then a balanced search over number ranges.
    package func program() -> [BPFInstruction] {
        var compiler = FilterCompiler(ruleCount: rules.count)
        let search = compiler.search(ranges()[...], rules: rules)
        compiler.entry(architecture, search)
        return compiler.finish()
    }

    /// Neighbouring numbers with one rule, in order, closed by the range of unknown numbers.
    private func ranges() -> [FilterCompiler.Range] {
        var ranges: [FilterCompiler.Range] = []
        for (number, rule) in assignments.enumerated() where ranges.last?.rule != rule {
            ranges.append(.init(start: UInt32(number), rule: rule))
        }
        let unknown = RuleID(index: 0)
        if ranges.last?.rule != unknown {
            ranges.append(.init(start: UInt32(assignments.count), rule: unknown))
        }
        return ranges
    }
}

/// Emits a program from its last instruction to its first.
///
/// BPF only jumps forwards, so backwards every target is known when its jump is emitted.
private struct FilterCompiler {
    struct Range {
        let start: UInt32
        let rule: Filter.RuleID
    }

    /// Where to continue: a place in the program, or at once with an answer.
    enum Target {
        /// Counted from the end of the program.
        case place(Int)
        case answer(Action)
    }

    /// `struct seccomp_data`: number, architecture, instruction pointer, six arguments.
    private enum Offset {
        static let number = 0
        static let architecture = 4
        static func low(_ argument: Int) -> Int { 16 + 8 * argument }
        static func high(_ argument: Int) -> Int { 20 + 8 * argument }
    }

    /// A conditional jump reaches 255 instructions; one is left for a jump placed in between.
    private static let reach = 254

    private var reversed: [BPFInstruction] = []
    /// The latest place of each answer: few enough to look through.
    private var returns: [(action: Action, place: Int)] = []
    private var ruleStarts: [Target?]

    init(ruleCount: Int) {
        reversed.reserveCapacity(256)
        ruleStarts = Array(repeating: nil, count: ruleCount)
    }

    func finish() -> [BPFInstruction] { reversed.reversed() }

    mutating func entry(_ architecture: Architecture, _ search: Target) {
        let foreign = Target.answer(.error(ErrorNumber.notImplemented))
        var next = search
        if let bit = architecture.foreignBit {
            branch(then: foreign, else: next) { .jumpIfAnyBit(bit, $0, $1) }
            next = .place(reversed.count - 1)
        }
        continueAt(next)
        next = emit(.load(offset: Offset.number))
        branch(then: next, else: foreign) { .jumpIfEqual(architecture.auditNumber, $0, $1) }
        _ = emit(.load(offset: Offset.architecture))
    }

    /// Emits the decision among the ranges and gives its first instruction.
    mutating func search(_ ranges: ArraySlice<Range>, rules: [Rule]) -> Target {
        if ranges.count == 1, let only = ranges.first { return start(of: only.rule, rules) }
        let middle = ranges.startIndex + ranges.count / 2
        let upper = search(ranges[middle...], rules: rules)
        let lower = search(ranges[..<middle], rules: rules)
        return branch(then: upper, else: lower) { .jumpIfAtLeast(ranges[middle].start, $0, $1) }
    }

    private mutating func start(of id: Filter.RuleID, _ rules: [Rule]) -> Target {
        if let known = ruleStarts[Int(id.index)] { return known }
        let rule = rules[Int(id.index)]
        let target = rule.cases.reversed().reduce(Target.answer(rule.otherwise)) { next, one in
            test(one.all, then: .answer(one.action), else: next)
        }
        ruleStarts[Int(id.index)] = target
        return target
    }

    private mutating func test(_ all: [Comparison], then: Target, else other: Target) -> Target {
        all.reversed().reduce(then) { next, comparison in
            let argument = comparison.argument
            let low = compare(
                Offset.low(argument),
                UInt32(truncatingIfNeeded: comparison.mask),
                UInt32(truncatingIfNeeded: comparison.value),
                then: next,
                else: other
            )
            return compare(
                Offset.high(argument),
                UInt32(comparison.mask >> 32),
                UInt32(comparison.value >> 32),
                then: low,
                else: other
            )
        }
    }

    /// Compares one 32-bit half; a half outside the mask is nothing to compare.
    private mutating func compare(
        _ offset: Int,
        _ mask: UInt32,
        _ value: UInt32,
        then: Target,
        else other: Target
    ) -> Target {
        guard mask != 0 else { return value == 0 ? then : other }
        branch(then: then, else: other) { .jumpIfEqual(value, $0, $1) }
        if mask != .max { _ = emit(.and(mask)) }
        return emit(.load(offset: offset))
    }

    @discardableResult
    private mutating func branch(
        then: Target,
        else other: Target,
        _ make: (UInt8, UInt8) -> BPFInstruction
    ) -> Target {
        let onFalse = nearby(other)
        let onTrue = nearby(then)
        return emit(make(UInt8(distance(to: onTrue)), UInt8(distance(to: onFalse))))
    }

    /// A place that a conditional jump emitted next can reach: the target itself, or a step to it.
    private mutating func nearby(_ target: Target) -> Int {
        switch target {
        case .answer(let action):
            let known = returns.firstIndex { $0.action == action }
            if let known, distance(to: returns[known].place) <= Self.reach {
                return returns[known].place
            }
            reversed.append(.return(action))
            if let known { returns.remove(at: known) }
            returns.append((action, reversed.count - 1))
        case .place(let place):
            if distance(to: place) <= Self.reach { return place }
            reversed.append(.jump(distance(to: place)))
        }
        return reversed.count - 1
    }

    /// Makes what is emitted next fall through to the target.
    private mutating func continueAt(_ target: Target) {
        switch target {
        case .place(reversed.count - 1): break
        case .place(let place): reversed.append(.jump(distance(to: place)))
        case .answer(let action): reversed.append(.return(action))
        }
    }

    private mutating func emit(_ instruction: BPFInstruction) -> Target {
        reversed.append(instruction)
        return .place(reversed.count - 1)
    }

    /// Instructions skipped by a jump emitted next.
    private func distance(to place: Int) -> Int { reversed.count - 1 - place }
}
