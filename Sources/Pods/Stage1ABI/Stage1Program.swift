/// How stage1 is started: `stage1 VERB PLAN`, where PLAN is the number of an inherited descriptor that holds the plan.
package enum Stage1Program {
    /// The program's arguments for a verb: `run` or `enter`.
    package static func arguments(_ verb: String, plan: Int32) -> [String] {
        ["stage1", verb, String(plan)]
    }
}
