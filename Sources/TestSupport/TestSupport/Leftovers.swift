import Foundation
package import Testing

/// What of the engine can be seen on the machine from outside.
package struct Leftovers: Equatable, Sendable, CustomStringConvertible {
    private var mounts: [String]
    private var processes: [String]
    private var cgroups: [String]
    private var interfaces: [String]
    private var directories: [String]

    /// Looks at the machine now.
    package static func now() -> Self {
        Self(
            mounts: mounts(of: "self").filter { $0.contains("rkt-") },
            processes: processes(),
            cgroups: cgroups(),
            interfaces: File.list("/sys/class/net"),
            directories: File.list("/tmp").filter { $0.hasPrefix("rkt-demo-") }
                + File.list("/var/lib/cni/networks").map { "leases of the network \($0)" }
        )
    }

    /// What is here that wasn't there before, one thing a line.
    package func new(since before: Self) -> [String] {
        func added(_ what: String, _ list: KeyPath<Self, [String]>) -> [String] {
            let known = Set(before[keyPath: list])
            return self[keyPath: list].filter { !known.contains($0) }.map { "\(what) \($0)" }
        }
        return added("mount", \.mounts) + added("process", \.processes)
            + added("cgroup", \.cgroups) + added("interface", \.interfaces)
            + added("directory", \.directories)
    }

    package var description: String { new(since: Self.nothing).joined(separator: "\n") }

    private static let nothing = Self(
        mounts: [],
        processes: [],
        cgroups: [],
        interfaces: [],
        directories: []
    )

    private static func mounts(of process: String) -> [String] {
        (File.read("/proc/\(process)/mountinfo") ?? "").split(separator: "\n").map(String.init)
    }

    // A process of a pod has the pod's data directory in its command line or in its mounts.
    private static func processes() -> [String] {
        let own = String(ProcessInfo.processInfo.processIdentifier)
        return File.list("/proc").filter { Int($0) != nil && $0 != own }.compactMap { pid in
            let command = (File.read("/proc/\(pid)/cmdline") ?? "")
                .replacingOccurrences(of: "\u{0}", with: " ")
            let belongs =
                command.contains("/tmp/rkt-test-")
                || mounts(of: pid).contains { $0.contains("/tmp/rkt-test-") }
            return belongs ? "\(pid) \(command)" : nil
        }
    }

    private static func cgroups() -> [String] {
        let found = try? tool("find", "/sys/fs/cgroup", "-type", "d", "-name", "*rkt*")
        return (found ?? "").split(separator: "\n").map(String.init).sorted()
    }
}

/// Fails a suite that leaves mounts, processes, cgroups or interfaces on the machine.
package struct LeavesNothing: SuiteTrait, TestScoping {
    package let isRecursive = false

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let before = Leftovers.now()
        try await function()
        SharedFiles.removeAll()
        var new: [String] = []
        _ = eventually(within: 5) {
            new = Leftovers.now().new(since: before)
            return new.isEmpty
        }
        #expect(new.isEmpty, "the tests left something behind")
    }
}

extension Trait where Self == LeavesNothing {
    /// Compares the machine before and after the suite.
    package static var leavesNothing: Self { Self() }
}
