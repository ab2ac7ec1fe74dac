internal import CStage1Plan

/// How stage1 is started: `stage1 VERB PLAN`, where PLAN is the number of an inherited descriptor that holds the plan.
package enum Stage1Program {
    /// The program's arguments for a verb: `run` or `enter`.
    package static func arguments(_ verb: String, plan: Int32) -> [String] {
        ["stage1", verb, String(plan)]
    }

    /// Whether a program is a stage1 that reads the plans of this build: it says so in a text of its own.
    package static func isStage1(_ program: [UInt8]) -> Bool {
        let mark = Array("rkt stage1 for plans of version \(plan_version)\0".utf8)
        var rest = program[...]
        while let start = rest.firstIndex(of: mark[0]) {
            rest = rest[start...]
            if rest.starts(with: mark) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
