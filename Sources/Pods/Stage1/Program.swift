internal import CFreestanding
internal import CStage1Plan

/// stage1: supervisor (`run`), PID 1 (`init`) and helper of `rkt enter` in one small program.
@main struct Program {
    static func main() {
        let verb = unsafe Text(k_argument(1))
        if verb == "init" { PodInit.main() }
        let plan = unsafe Text(k_argument(2)).decimal(limit: 1 << 20)
        guard let plan else { fail("usage: stage1 run|enter PLAN (started by rkt)") }
        if verb == "run" { Supervisor.main(plan: Int32(plan)) }
        if verb == "enter" { Enter.main(plan: Int32(plan)) }
        fail(
            Text(
                joining: "usage: stage1 run|enter PLAN (started by rkt); ",
                unsafe Text(plan_mark())
            )
        )
    }
}
