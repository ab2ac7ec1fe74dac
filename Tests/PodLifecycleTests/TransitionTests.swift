import Linux
import PodLifecycle
import TestSupport
import Testing

@Suite struct TransitionTests {
    let pods: Pods

    init() throws { pods = try Pods() }

    @Test func aPodGoesFromPhaseToPhase() throws {
        let preparing = try pods.directory.create().preparing()
        let uuid = preparing.uuid
        #expect(try pods.state(uuid) == .preparing)
        let running = try preparing.running()
        #expect(try pods.state(uuid) == .running)
        let lock = running.lockDescriptor()
        #expect(try pods.state(uuid) == .running)
        _ = consume lock
        try pods.waitForRelease(.run, uuid)
        #expect(try pods.state(uuid) == .exited)
    }

    @Test func aPreparedPodIsStartedOnce() throws {
        let uuid = try pods.prepared()
        #expect(try pods.state(uuid) == .prepared)
        let running = try pods.directory.claimPrepared(uuid).running()
        #expect(try pods.state(running.uuid) == .running)
        #expect(throws: PodError.wrongState(uuid, .running, needed: "prepared")) {
            _ = try pods.directory.claimPrepared(uuid)
        }
    }

    /// Dropping a handle is what the kernel does with the lock of a process that is killed.
    @Test func aCrashBeforePreparingLeavesAnEmbryo() throws {
        _ = try pods.directory.create()
        #expect(pods.names(.embryo).count == 1)
        try pods.collect(grace: 0)
        #expect(pods.names(.embryo).isEmpty)
    }

    @Test func aCrashWhilePreparingIsAborted() throws {
        let preparing = try pods.directory.create().preparing()
        let uuid = preparing.uuid
        try pods.collect(grace: 0)
        #expect(try pods.state(uuid) == .preparing)
        _ = consume preparing
        try pods.waitForRelease(.prepare, uuid)
        #expect(try pods.state(uuid) == .abortedPrepare)
        try pods.collect(grace: 3600)
        #expect(throws: PodError.notFound(uuid.description)) { try pods.state(uuid) }
    }

    @Test func aCrashWhileRunningIsExited() throws {
        let running = try pods.running()
        let uuid = running.uuid
        try pods.collect(grace: 0)
        #expect(try pods.state(uuid) == .running)
        _ = consume running
        try pods.waitForRelease(.run, uuid)
        #expect(try pods.state(uuid) == .exited)
    }

    @Test func aPodWhoseEmbryoWasCollectedIsMadeAnew() throws {
        let embryo = try pods.directory.create()
        let name = try #require(pods.names(.embryo).first)
        let path = pods.scratch("data/pods/embryo")
        try Directory(path: path).remove(name, directory: true)
        let preparing = try embryo.preparing()
        #expect(preparing.uuid.description != name)
        #expect(try pods.state(preparing.uuid) == .preparing)
    }

    @Test func theLockIsOfTheDirectoryWhereverItIs() throws {
        let running = try pods.running()
        let observed = try pods.directory.observe(running.uuid)
        #expect(try observed.isLocked())
        _ = consume running
        try pods.waitForRelease(.run, observed.uuid)
        #expect(try !observed.isLocked())
        _ = try pods.directory.claimExited(observed.uuid)?.garbage()
        #expect(try pods.state(observed.uuid) == .exitedGarbage)
    }

    @Test func whoAsksForTheStateDoesNotDisturb() throws {
        let uuid = try pods.exited()
        let exited = try pods.directory.claimExited(uuid)
        #expect(try pods.state(uuid) == .exited)
        let garbage = try exited?.garbage()
        #expect(try pods.state(uuid) == .exitedGarbage)
        _ = consume garbage
    }

    @Test func podsAreNobodyElses() throws {
        let uuid = try pods.prepared()
        let status = try Directory(path: pods.path(.prepared, uuid)).descriptor.status()
        #expect(status.permissions & 0o007 == 0)
    }
}
