import Linux
import PodLifecycle
import TestSupport
import Testing

@Suite struct LogTests {
    let pods: Pods

    init() throws { pods = try Pods() }

    private func write(_ text: String, _ file: String, of uuid: PodUUID) throws {
        try pods.scratch.write(text, to: "data/pods/run/\(uuid)/logs/\(file)")
    }

    private func line(_ second: Int, _ text: String, _ stream: String = "stdout") -> String {
        "2026-11-24T15:03:\(second < 10 ? "0" : "")\(second).000000001Z \(stream) F \(text)\n"
    }

    private func all(_ reader: inout PodLogReader) throws -> [String] {
        var texts: [String] = []
        while let entry = try reader.next() {
            texts.append(String(decoding: entry.text, as: UTF8.self))
        }
        return texts
    }

    @Test func rotatedFilesComeFromTheOldestOn() throws {
        let pod = try pods.running()
        try write(line(1, "a"), "web/0.log.10", of: pod.uuid)
        try write(line(2, "b"), "web/0.log.9", of: pod.uuid)
        try write(line(3, "c") + line(4, "d"), "web/0.log", of: pod.uuid)
        var reader = PodLogReader(apps: ["web"])
        try reader.open(in: pods.directory.observe(pod.uuid), Watch())
        #expect(try all(&reader) == ["a", "b", "c", "d"])
    }

    @Test func severalAppsAreMergedByTime() throws {
        let pod = try pods.running(apps: ["a", "b"])
        try write(line(1, "a1") + line(4, "a4"), "a/0.log", of: pod.uuid)
        try write(line(2, "b2") + line(3, "b3"), "b/0.log", of: pod.uuid)
        var reader = PodLogReader(apps: ["a", "b"])
        try reader.open(in: pods.directory.observe(pod.uuid), Watch())
        #expect(try all(&reader) == ["a1", "b2", "b3", "a4"])
    }

    @Test func rotationDoesNotLoseWhoFollows() throws {
        let pod = try pods.running()
        let observed = try pods.directory.observe(pod.uuid)
        var reader = PodLogReader(apps: ["web"])
        try reader.open(in: observed, Watch())
        #expect(try all(&reader).isEmpty)
        try write(line(1, "a"), "web/0.log", of: pod.uuid)
        try reader.open(in: observed, Watch())
        #expect(try all(&reader) == ["a"])

        let logs = try observed.directory.directory("logs/web")
        let old = try logs.open("0.log", [.writeOnly, .append])
        try old.write(Array(line(2, "b").utf8))
        try logs.rename("0.log", to: logs, as: "0.log.1")
        try write(line(3, "c"), "web/0.log", of: pod.uuid)
        #expect(try all(&reader) == ["b", "c"])
        for (from, to) in [("0.log.1", "0.log.2"), ("0.log", "0.log.1")] {
            try logs.rename(from, to: logs, as: to)
        }
        try write(line(4, "d"), "web/0.log", of: pod.uuid)
        #expect(try all(&reader) == ["d"])
    }

    @Test func halfALineIsWaitedFor() throws {
        let pod = try pods.running()
        try write("2026-11-24T15:03:01Z std", "web/0.log", of: pod.uuid)
        let observed = try pods.directory.observe(pod.uuid)
        var reader = PodLogReader(apps: ["web"])
        try reader.open(in: observed, Watch())
        #expect(try all(&reader).isEmpty)
        let log = try observed.directory.open("logs/web/0.log", [.writeOnly, .append])
        try log.write(Array("out F whole\n".utf8))
        #expect(try all(&reader) == ["whole"])
    }

    @Test(arguments: [
        "", "text", "2026-11-24T15:03:57Z stdout F", "2026-11-24T15:03:57Z stdin F x",
        "2026-11-24T15:03:57Z stdout X x", "yesterday stdout F x",
        "2026-13-24T15:03:57Z stdout F x",
    ])
    func whatIsNoEntryIsSkipped(_ line: String) {
        #expect(LogEntry(app: "a", criLine: Array(line.utf8)) == nil)
    }

    @Test func anEntryKeepsSpacesAndAnyByte() throws {
        let bytes = Array("2026-11-24T15:03:57.25+01:00 stderr P  two  spaces ".utf8) + [0xFF, 0]
        let entry = try #require(LogEntry(app: "a", criLine: bytes))
        #expect(entry.isError && !entry.isComplete)
        #expect(entry.text == Array(" two  spaces ".utf8) + [0xFF, 0])
        #expect(entry.time == Time(seconds: 1_795_529_037, nanoseconds: 250_000_000))
    }
}
