import Foundation
import TestSupport
import Testing

@testable import Cgroups

/// Real hierarchies: what is set can be read back, holds for who joins, and goes away.
@Suite(.requiresRoot, .serialized)
struct PodCgroupTests {
    @Test func limitsHoldForWhoJoins() throws {
        try withCgroup(
            limits: ResourceLimits(pids: 77),
            apps: [
                .init(name: "web", limits: ResourceLimits(memory: 64 << 20, milliCPU: 250))
            ]
        ) { pod in
            let shown = try shell(
                pod.joins + [
                    "cat /proc/self/cgroup", "cat \(readBack(pod, "pids.max"))",
                    "cat \(readBack(pod, "memory.limit_in_bytes", "memory.max"))",
                    "cat \(readBack(pod, "cpu.cfs_quota_us", "cpu.max"))",
                ]
            )
            for directory in pod.directories {
                #expect(shown.contains(String(directory.split(separator: "/").last ?? "?")))
            }
            let values = Array(shown.split(separator: "\n").suffix(3))
            #expect(values[0] == "77")
            #expect(values[1] == "67108864")
            #expect(values[2].hasPrefix("25000"))
        }
    }

    @Test func otherDevicesAreDenied() throws {
        let node = "/tmp/rkt-cgroup-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: node) }
        try withCgroup(apps: [.init(name: "web")]) { pod in
            let shown = try shell(
                pod.joins + [
                    "mknod \(node) c 1 1 2>&1; mknod \(node) c 1 3 && echo null made",
                    "head -c1 /dev/kmsg 2>&1 | grep -o 'not permitted'",
                    "head -c1 /dev/zero >/dev/null && echo zero read",
                ]
            )
            #expect(shown.contains("not permitted"))
            #expect(shown.contains("null made"))
            #expect(shown.contains("zero read"))
            #expect(shown.split(separator: "\n").count == 4)
        }
    }

    @Test func appsOfOnePodHaveLimitsOfTheirOwn() throws {
        try withCgroup(
            apps: [
                .init(name: "web", limits: ResourceLimits(memory: 64 << 20)),
                .init(name: "log", limits: ResourceLimits(memory: 32 << 20)),
                .init(name: "plain"),
            ]
        ) { pod in
            #expect(Set(pod.appFiles.keys) == ["web", "log"])
            let shown = try shell(
                (pod.appFiles["log"] ?? []).flatMap { file in
                    let directory = file.split(separator: "/").dropLast().joined(separator: "/")
                    return [
                        "echo 0 > \(file)",
                        "cat /\(directory)/memory.limit_in_bytes /\(directory)/memory.max 2>/dev/null",
                        "grep -c /app-log /proc/self/cgroup",
                    ]
                }
            )
            #expect(shown == "33554432\n1\n")
            let entered = try CgroupMembership.files(pod.directories, app: "log")
            #expect(entered.contains(pod.appFiles["log"]?.first ?? "?"))
            let plain = try CgroupMembership.files(pod.directories, app: "plain")
            #expect(plain.map { "echo 0 > \($0)" } == pod.joins)
        }
    }

    @Test func removalKillsWhatIsLeft() throws {
        let pod = try create(ResourceLimits(pids: 10), [.init(name: "web")])
        let sleeper = Process()
        sleeper.executableURL = URL(fileURLWithPath: "/bin/sh")
        sleeper.arguments = [
            "-c", (pod.joins + ["sleep 1000 & echo ready", "sleep 1000"]).joined(separator: "\n"),
        ]
        let output = Foundation.Pipe()
        sleeper.standardOutput = output
        try sleeper.run()
        #expect(output.fileHandleForReading.readData(ofLength: 6) == Data("ready\n".utf8))
        try CgroupRemoval.remove(pod.directories)
        sleeper.waitUntilExit()
        #expect(sleeper.terminationReason == .uncaughtSignal)
        for directory in pod.directories {
            #expect(!FileManager.default.fileExists(atPath: directory))
        }
        try CgroupRemoval.remove(pod.directories)
    }

    @Test(.requiresPureCgroupV2)
    func version2WeighsAndCleansUpAfterItself() throws {
        let before = try shell(["find /sys/fs/cgroup -type d | grep -c rkt"])
        try withCgroup(
            apps: [
                .init(name: "web", limits: ResourceLimits(cpuShares: 1024)),
                .init(name: "log", limits: ResourceLimits(milliCPU: 1500)),
            ]
        ) { pod in
            #expect(pod.initialDirectory?.hasSuffix("/init") == true)
            let weight = try shell(["cat \(pod.directories[0])/app-web/cpu.weight"])
            #expect(weight == "39\n")
            let quota = try shell(["cat \(pod.directories[0])/app-log/cpu.max"])
            #expect(quota == "150000 100000\n")
        }
        #expect(try shell(["find /sys/fs/cgroup -type d | grep -c rkt"]) == before)
    }

    @Test func failureLeavesNothing() throws {
        let impossible = ResourceLimits(pids: .max)
        let uuid = UUID().uuidString.lowercased()
        let request = CgroupRequest(uuid: uuid, limits: impossible, apps: [.init(name: "web")])
        let layout = try CgroupLayout.mounted()
        #expect(throws: CgroupError.self) { try PodCgroup.create(request) }
        for hierarchy in layout.legacy {
            let path = "\(hierarchy.ownDirectory)/rkt-\(uuid)"
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    /// The kernel verifies and runs our eBPF program, here on a version 2 hierarchy without controllers.
    @Test func kernelRunsTheDeviceProgram() throws {
        let unified = try #require(try CgroupLayout.mounted().unified)
        let uuid = UUID().uuidString.lowercased()
        let request = CgroupRequest(uuid: uuid, apps: [.init(name: "web")])
        let parent = UnifiedParent.top(mountPoint: unified.mountPoint, available: [])
        let plan = try CgroupPlan.unified(request, parent)
        try plan.perform()
        let node = "/tmp/rkt-cgroup-\(uuid)"
        defer { try? FileManager.default.removeItem(atPath: node) }
        let directory = try #require(plan.result.initialDirectory)
        let shown = try shell([
            "echo 0 > \(directory)/cgroup.procs",
            "mknod \(node) c 1 1 2>&1 | grep -o 'not permitted'",
            "head -c1 /dev/kmsg 2>&1 | grep -o 'not permitted'",
            "head -c1 /dev/zero >/dev/null && echo zero read",
        ])
        #expect(shown == "not permitted\nnot permitted\nzero read\n")
        try CgroupRemoval.remove(plan.result.directories)
        #expect(!FileManager.default.fileExists(atPath: directory))
        #expect(!FileManager.default.fileExists(atPath: "\(unified.mountPoint)/rkt"))
    }

    private func create(
        _ limits: ResourceLimits,
        _ apps: [CgroupRequest.App]
    ) throws -> PodCgroup {
        let uuid = UUID().uuidString.lowercased()
        let request = CgroupRequest(uuid: uuid, limits: limits, apps: apps)
        return try PodCgroup.create(request)
    }

    private func withCgroup(
        limits: ResourceLimits = ResourceLimits(),
        apps: [CgroupRequest.App],
        _ body: (PodCgroup) throws -> Void
    ) throws {
        let pod = try create(limits, apps)
        #expect(pod.warnings.isEmpty)
        defer {
            #expect(throws: Never.self) { try CgroupRemoval.remove(pod.directories) }
            for path in pod.directories { #expect(!FileManager.default.fileExists(atPath: path)) }
        }
        try body(pod)
    }

    private func readBack(_ pod: PodCgroup, _ names: String...) -> String {
        pod.directories.flatMap { directory in names.map { "\(directory)/\($0)" } }
            .first { FileManager.default.fileExists(atPath: $0) } ?? "/no-such-limit"
    }

    private func shell(_ lines: [String]) throws -> String {
        let process = Process()
        let output = Foundation.Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", lines.joined(separator: "\n")]
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self)
    }
}

extension PodCgroup {
    /// What PID 1 does to get in, as lines of shell.
    fileprivate var joins: [String] {
        (initialFiles + (initialDirectory.map { ["\($0)/cgroup.procs"] } ?? []))
            .map { "echo 0 > \($0)" }
    }
}
