import Linux
import PodLifecycle
import TestSupport

/// A data directory of a test's own.
struct Pods {
    let scratch: Scratch
    let directory: PodsDirectory

    init() throws {
        scratch = try Scratch()
        directory = try PodsDirectory(dataDirectory: scratch("data"))
    }

    /// A pod that runs until the handle is dropped, with files as the supervisor writes them.
    func running(apps: [String] = ["web"]) throws -> RunningPod {
        let pod = try directory.create().preparing()
        try write(manifest(apps), pod, PodFile.manifest)
        return try pod.running()
    }

    /// A pod that has run.
    func exited() throws -> PodUUID {
        let uuid = try runAndDrop()
        try waitForRelease(.run, uuid)
        return uuid
    }

    func prepared() throws -> PodUUID {
        let uuid = try prepareAndDrop()
        try waitForRelease(.prepared, uuid)
        return uuid
    }

    private func runAndDrop() throws -> PodUUID {
        let pod = try running()
        return pod.uuid
    }

    private func prepareAndDrop() throws -> PodUUID {
        let pod = try directory.create().preparing().prepared()
        return pod.uuid
    }

    /// Waits until a dropped lock is free.
    ///
    /// `rkt` has one thread, but here another test may just be starting a program: until that has replaced the copied
    /// process, it holds the lock as well.
    func waitForRelease(_ phase: PodPhase, _ uuid: PodUUID) throws {
        let directory = try Directory(path: path(phase, uuid))
        try directory.descriptor.lock(.shared)
    }

    func state(_ uuid: PodUUID) throws -> PodState { try directory.observe(uuid).state() }

    /// Marks and removes as `rkt gc` does.
    @discardableResult
    func collect(grace: Int64, prepared age: Int64 = 3600) throws -> [String] {
        let events = Events()
        let collection = GarbageCollection(
            directory,
            release: { _ in },
            report: { events.lines.append("\($0)") }
        )
        try collection.mark()
        try collection.markPrepared(olderThan: age)
        try collection.sweep(grace: grace)
        return events.lines
    }

    func path(_ phase: PodPhase, _ uuid: PodUUID) -> String {
        scratch("data/pods/\(phase.rawValue)/\(uuid)")
    }

    func names(_ phase: PodPhase) -> [String] { scratch.list("data/pods/\(phase.rawValue)") }

    private func write(_ text: String, _ pod: borrowing PreparingPod, _ name: String) throws {
        try pod.directory.createFile(name, Array(text.utf8))
    }

    private func manifest(_ apps: [String]) -> String {
        let id = "sha512-" + String(repeating: "ab", count: 32)
        let list = apps.map {
            #"{"name":"\#($0)","image":{"name":"example.com/\#($0)","id":"\#(id)"}}"#
        }
        return
            #"{"acVersion":"0.8.11","acKind":"PodManifest","apps":[\#(list.joined(separator: ","))]}"#
    }
}

private final class Events {
    var lines: [String] = []
}
