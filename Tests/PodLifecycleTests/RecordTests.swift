import Linux
import PodLifecycle
import TestSupport
import Testing

@Suite struct RecordTests {
    let pods: Pods

    init() throws { pods = try Pods() }

    private func write(_ text: String, _ name: String, _ phase: PodPhase, _ uuid: PodUUID) throws {
        try pods.scratch.write(text, to: "data/pods/\(phase.rawValue)/\(uuid)/\(name)")
    }

    private func hasSupervisor(_ uuid: PodUUID) throws -> Bool {
        try pods.directory.observe(uuid).supervisor() != nil
    }

    @Test func aRunningPodHasASupervisorAndApps() throws {
        let pod = try pods.running(apps: ["a", "b", "c"])
        try write("77\n", PodFile.supervisor, .run, pod.uuid)
        try write("78\n", PodFile.started("a"), .run, pod.uuid)
        try write("79\n", PodFile.started("b"), .run, pod.uuid)
        try write("3\n", PodFile.status(of: "b"), .run, pod.uuid)
        let record = try pods.directory.observe(pod.uuid).record()
        #expect(record.state == .running && record.supervisor == 77 && record.started != nil)
        #expect(record.apps.map(\.state) == [.running, .exited, .created])
        #expect(record.apps.map(\.exitCode) == [nil, 3, nil])
        #expect(record.apps[1].finished != nil)
    }

    @Test func aPodThatWasKilledHasNoCodes() throws {
        let uuid = try pods.exited()
        let record = try pods.directory.observe(uuid).record()
        #expect(record.state == .exited && record.supervisor == nil)
        #expect(record.apps.map(\.state) == [.exited] && record.apps[0].exitCode == nil)
    }

    @Test func aPodWithoutManifestIsListedAllTheSame() throws {
        let pod = try pods.directory.create().preparing()
        let record = try pods.directory.observe(pod.uuid).record()
        #expect(record.state == .preparing && record.apps.isEmpty && record.manifest == nil)
    }

    @Test(arguments: ["", "7", "-\n", "99999999999\n", "1 2\n", "\n"])
    func whatIsNoNumberIsNoProcess(_ text: String) throws {
        let pod = try pods.running()
        try write(text, PodFile.supervisor, .run, pod.uuid)
        #expect(try pods.directory.observe(pod.uuid).record().supervisor == nil)
        #expect(try !hasSupervisor(pod.uuid))
    }

    /// R18: a number that somebody else has by now must not be signalled.
    @Test func withoutTheLockNobodyIsTheSupervisor() throws {
        let running = try pods.running()
        let uuid = running.uuid
        try write("\(CurrentProcess.pid)\n", PodFile.supervisor, .run, uuid)
        #expect(try hasSupervisor(uuid))
        _ = consume running
        try pods.waitForRelease(.run, uuid)
        #expect(try !hasSupervisor(uuid))
    }

    @Test func aManifestThatIsNoneNamesThePod() throws {
        let pod = try pods.directory.create().preparing()
        try write("{}", PodFile.manifest, .prepare, pod.uuid)
        #expect(throws: PodError.self) { try pods.directory.observe(pod.uuid).record() }
    }

    @Test func waitingEndsWithTheLockOrTheTime() throws {
        let running = try pods.running()
        let observed = try pods.directory.observe(running.uuid)
        #expect(try !observed.waitUntilUnlocked(Deadline(milliseconds: 0)))
        #expect(try !pods.directory.waitUntilReady(observed.uuid, Deadline(milliseconds: 0)))
        try pods.scratch.makeDirectory("data/pods/run/\(observed.uuid)/stage1/rootfs/rkt")
        try observed.directory.directory(PodFile.supervisorPlace)
            .makeSymbolicLink("supervisor-status", to: "ready")
        #expect(try pods.directory.waitUntilReady(observed.uuid, .never))
        _ = consume running
        #expect(try observed.waitUntilUnlocked())
        #expect(try pods.directory.waitUntilFinished(observed.uuid, .never))
    }
}
