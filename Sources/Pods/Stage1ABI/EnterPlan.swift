internal import CStage1Plan

/// A process that joins a running app, confined like it.
package struct EnterPlan: Equatable, Sendable {
    /// An inherited pidfd of the app's main process.
    package var process: Int32
    /// The namespaces to join: the bits of `setns(2)`.
    package var namespaces: Int32
    /// It gets a terminal of its own, proxied to the caller's.
    package var hasTerminal: Bool
    /// Before anything else: the app's cgroups (`.joinCgroup`); then keyring, limits, score.
    package var steps: [PlanStep]
    package var program: ProcessPlan

    /// A process that joins the app behind a pidfd.
    package init(
        process: Int32,
        namespaces: Int32,
        hasTerminal: Bool,
        steps: [PlanStep],
        program: ProcessPlan
    ) {
        self.process = process
        self.namespaces = namespaces
        self.hasTerminal = hasTerminal
        self.steps = steps
        self.program = program
    }

    /// The plan's bytes.
    package func encoded() -> [UInt8] {
        var writer = PlanWriter()
        writer.record(plan_enter) {
            $0.integer(plan_magic)
            $0.integer(plan_version)
            $0.integer(process)
            $0.integer(namespaces)
            $0.flag(hasTerminal)
        }
        for step in steps { step.write(to: &writer) }
        program.write(to: &writer)
        writer.record(plan_end) { _ in }
        return writer.bytes
    }
}
