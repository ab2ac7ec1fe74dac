import PodLifecycle
import Testing

@Suite struct PodStateTests {
    @Test(arguments: [
        (PodPhase.embryo, true, PodState.embryo, "embryo"),
        (.embryo, false, .embryo, "embryo"),
        (.prepare, true, .preparing, "preparing"),
        (.prepare, false, .abortedPrepare, "aborted prepare"),
        (.prepared, true, .prepared, "prepared"),
        (.prepared, false, .prepared, "prepared"),
        (.run, true, .running, "running"),
        (.run, false, .exited, "exited"),
        (.exitedGarbage, true, .exitedDeleting, "exited deleting"),
        (.exitedGarbage, false, .exitedGarbage, "exited garbage"),
        (.garbage, true, .deleting, "deleting"),
        (.garbage, false, .garbage, "garbage"),
    ])
    func theStateIsTheDirectoryAndTheLock(
        _ phase: PodPhase,
        _ isLocked: Bool,
        _ state: PodState,
        _ name: String
    ) {
        #expect(PodState(phase: phase, isLocked: isLocked) == state)
        #expect(state.description == name)
    }

    @Test func onlyWhatCanRunNoMoreIsFinished() {
        let unfinished: [PodState] = [.embryo, .preparing, .prepared, .running]
        for state in PodState.allCases {
            #expect(state.isFinished == !unfinished.contains(state), "\(state)")
        }
        #expect(PodState.abortedPrepare.isFinished && !PodState.abortedPrepare.isAfterRun)
    }
}
