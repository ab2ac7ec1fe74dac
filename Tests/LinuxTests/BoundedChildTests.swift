import Linux
import TestSupport
import Testing

struct BoundedChildTests {
    private func run(
        _ script: String,
        input: String = "",
        limit: Int = 1 << 16,
        milliseconds: Int64 = 20_000
    ) throws(BoundedChild.Failure) -> BoundedChild.Outcome {
        let scratch: TestSupport.Scratch
        let path: String
        do {
            scratch = try TestSupport.Scratch()
            path = try scratch.write("#!/bin/sh\n" + script, to: "program", mode: 0o755)
        } catch {
            throw .output
        }
        let environment = ["PATH=/usr/bin:/bin", "HELLO=there"]
        return try BoundedChild(
            path,
            environment: environment,
            outputLimit: limit,
            milliseconds: milliseconds
        ).run(input: Array(input.utf8))
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test
    func inputOutputsAndStatusAreKeptApart() throws {
        let outcome = try run("cat; echo \"$HELLO\"; echo wrong >&2; exit 7", input: "hello ")
        #expect(text(outcome.output) == "hello there\n")
        #expect(text(outcome.errors) == "wrong\n")
        #expect(outcome.status == .exited(7))
    }

    @Test
    func itHasNoDescriptorOfOursAndNoVariable() throws {
        let file = try Descriptor.open("/dev/null")
        try file.keepOnExec()
        let outcome = try run("ls /proc/self/fd; env")
        let lines = text(outcome.output).split(separator: "\n")
        // The fourth is the directory that is listed.
        #expect(lines.prefix { $0.allSatisfy(\.isNumber) }.count <= 4)
        #expect(!lines.contains("\(file.number)") || file.number == 3)
        #expect(lines.contains("HELLO=there") && !lines.contains { $0.hasPrefix("HOME=") })
    }

    @Test
    func moreOutputThanAllowedEndsIt() {
        #expect(throws: BoundedChild.Failure.output) { try run("exec yes", limit: 100_000) }
    }

    @Test
    func itsTimeIsLimitedAndSoIsThatOfItsChildren() throws {
        let scratch = try TestSupport.Scratch()
        let script = "sleep 1000 & echo $! >'\(scratch.path)/pid'; wait"
        #expect(throws: BoundedChild.Failure.timeout) { try run(script, milliseconds: 1500) }
        let pid = try #require(scratch.read("pid")?.split(separator: "\n").first)
        #expect(eventually { File.read("/proc/\(pid)/stat")?.contains(") Z ") ?? true })
    }

    /// A daemon that a program leaves behind holds its outputs open.
    @Test
    func whoeverElseHoldsTheOutputsIsNotWaitedFor() throws {
        let outcome = try run("echo done; sleep 1000 & echo $! >&2", milliseconds: 60_000)
        #expect(text(outcome.output) == "done\n")
        let pid = try #require(text(outcome.errors).split(separator: "\n").first)
        try tool("kill", String(pid))
    }

    @Test
    func absentProgramIsAnErrorOfItsStart() {
        #expect(throws: BoundedChild.Failure.system(.noSuchFile)) {
            try BoundedChild("/nonexistent", environment: [], outputLimit: 1, milliseconds: 1000)
                .run(input: [])
        }
    }
}
