import Linux
import PodLifecycle
import TestSupport
import Testing

@Suite struct GarbageTests {
    let pods: Pods

    init() throws { pods = try Pods() }

    @Test func anExitedPodIsMarkedFirstAndRemovedAfterTheGrace() throws {
        let uuid = try pods.exited()
        #expect(try pods.collect(grace: 3600).count == 2)
        #expect(try pods.state(uuid) == .exitedGarbage)
        try pods.collect(grace: 3600)
        #expect(try pods.state(uuid) == .exitedGarbage)
        try pods.collect(grace: 0)
        #expect(pods.names(.exitedGarbage).isEmpty)
    }

    @Test func onlyOldPreparedPodsExpire() throws {
        let uuid = try pods.prepared()
        try pods.collect(grace: 0, prepared: 3600)
        #expect(try pods.state(uuid) == .prepared)
        try pods.collect(grace: 3600, prepared: 0)
        #expect(pods.names(.prepared).isEmpty && pods.names(.garbage).isEmpty)
    }

    @Test func absurdAgesDoNotTrap() throws {
        _ = try pods.exited()
        _ = try pods.prepared()
        try pods.collect(grace: .max, prepared: .max)
        #expect(pods.names(.exitedGarbage).count == 1 && pods.names(.prepared).count == 1)
    }

    /// R19.
    @Test func removalDoesNotFollowLinks() throws {
        let kept = try pods.scratch.write("kept", to: "outside/file")
        let uuid = try pods.exited()
        let pod = try Directory(path: pods.path(.run, uuid))
        try pod.makeSymbolicLink("link", to: pods.scratch("outside"))
        try pod.makeSymbolicLink("..up", to: "../../..")
        let tree = try pod.makingDirectories("stage1/rootfs/a/b")
        try tree.makeSymbolicLink("root", to: "/")
        try pods.collect(grace: 0)
        #expect(pods.names(.exitedGarbage).isEmpty)
        #expect(File.read(kept) == "kept")
    }

    @Test func aRemovalThatFailsKeepsTheManifestAndTheOthersGo() throws {
        let stuck = try pods.exited()
        _ = try pods.exited()
        let collection = GarbageCollection(
            pods.directory,
            release: { pod in if pod.uuid == stuck { throw Errno.busy } },
            report: { _ in }
        )
        try collection.mark()
        try collection.sweep(grace: 0)
        #expect(pods.names(.exitedGarbage) == [stuck.description])
        #expect(File.exists(pods.path(.exitedGarbage, stuck) + "/pod"))
        try pods.collect(grace: 0)
        #expect(pods.names(.exitedGarbage).isEmpty)
    }

    @Test func anyPhaseThatIsOverCanBeRemoved() throws {
        let aborted = try pods.directory.create().preparing()
        let uuids = [try pods.exited(), try pods.prepared(), aborted.uuid]
        _ = consume aborted
        try pods.waitForRelease(.prepare, uuids[2])
        for uuid in uuids { try pods.directory.markForRemoval(uuid).remove() }
        #expect(PodPhase.allCases.allSatisfy { pods.names($0).isEmpty })
    }

    @Test func whatIsNotOverIsNotRemoved() throws {
        let running = try pods.running()
        #expect(throws: PodError.wrongState(running.uuid, .running, needed: "exited")) {
            _ = try pods.directory.markForRemoval(running.uuid)
        }
        let preparing = try pods.directory.create().preparing()
        #expect(throws: PodError.wrongState(preparing.uuid, .preparing, needed: "exited")) {
            _ = try pods.directory.markForRemoval(preparing.uuid)
        }
    }

    @Test func twoCollectorsDoNotDisturbEachOther() throws {
        let uuid = try pods.exited()
        let first = try pods.directory.markForRemoval(uuid)
        let location = PodLocation(uuid: uuid, phase: .exitedGarbage)
        try first.remove()
        if try pods.directory.claimGarbage(location) != nil { Issue.record("it is there again") }
        if try pods.directory.claimExited(uuid) != nil { Issue.record("it has come back") }
    }
}
