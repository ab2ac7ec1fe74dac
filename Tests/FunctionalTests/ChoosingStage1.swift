import Foundation
import TestSupport
import Testing

extension Functional {
    /// `stage1.d`: which program builds the sandbox.
    @Suite struct ChoosingStage1 {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        private static let installed = "\(Rkt.dist)/lib/rkt/stage1"

        /// A copy of the installed one that can be told from it: what lies behind a program doesn't matter to it.
        private func copy(_ mark: String, to name: String) throws -> String {
            let program = try #require(File.data(Self.installed))
            return try rkt.scratch.write(program + Data(mark.utf8), to: name, mode: 0o755)
        }

        private func configure(_ members: String, in layer: String = "etc") throws {
            try rkt.scratch.write(
                #"{"rktVersion":"v1","rktKind":"stage1",\#(members)}"#,
                to: "\(layer)/stage1.d/a.json"
            )
        }

        private var layers: [String] {
            ["system", "local", "user"].map { "--\($0)-config=\(rkt.scratch($0))" }
        }

        /// How the program of a running pod's supervisor ends.
        private func mark(of pod: String) throws -> String {
            let file = try #require(rkt.scratch.read("data/pods/run/\(pod)/ppid"))
            let pid = file.trimmingCharacters(in: .whitespacesAndNewlines)
            return try tool("tail", "-c5", "/proc/\(pid)/exe")
        }

        @Test(arguments: ["file", "directory", "url"])
        func theProgramAtTheLocationIsUsed(_ form: String) throws {
            let path = try copy("MARK1", to: "opt/stage1")
            let location =
                switch form {
                case "directory": rkt.scratch("opt")
                case "url": "file://\(path)"
                default: path
                }
            try configure(
                #""name":"example.com/stage1","version":"1","location":"\#(location)""#,
                in: "local"
            )
            let pod = try rkt.startPod(
                layers + ["--net=none", busybox, "--exec=/bin/sleep", "--", "100"]
            )
            #expect(try mark(of: pod.uuid) == "MARK1")
            let entered = try rkt("enter", pod.uuid, "/bin/echo", "hello")
            #expect(entered.text == "hello", "\(entered)")
            try pod.stop()
        }

        /// A flag counts more than the configuration; a relative path is the caller's.
        @Test(arguments: ["--stage1-path=opt/stage1", "--stage1-path=opt", "--stage1-from-dir=own"])
        func flagsChooseToo(_ flag: String) throws {
            try configure(#""location":"/not/there""#, in: "local")
            try rkt.scratch.write(
                #"{"rktVersion":"v1","rktKind":"paths","stage1-images":"\#(rkt.scratch("images"))"}"#,
                to: "local/paths.d/a.json"
            )
            _ = try copy("MARK1", to: "opt/stage1")
            _ = try copy("MARK1", to: "images/own")
            let pod = try rkt.startPod(
                layers + [flag, "--net=none", busybox, "--exec=/bin/sleep", "--", "100"]
            )
            #expect(try mark(of: pod.uuid) == "MARK1")
            try pod.stop()
        }

        /// It is the pod's from then on, whatever is configured later; when it is gone, the pod doesn't start by another one.
        @Test func aPreparedPodKeepsItsOwn() throws {
            let path = try copy("MARK1", to: "opt/stage1")
            let prepared = try (0..<2).map { _ in
                try rkt.prepare([
                    "--stage1-path=\(path)", busybox, "--exec=/bin/sleep", "--", "100",
                ])
            }
            let execution = try rkt.start(["run-prepared", "--net=none", prepared[0]])
            let waited = try rkt("status", "--wait-ready", prepared[0])
            #expect(waited.succeeded, "\(waited)")
            #expect(try mark(of: prepared[0]) == "MARK1")
            try rkt("stop", "--force", prepared[0])
            execution.finished()
            try tool("rm", path)
            let outcome = try rkt("run-prepared", "--net=none", prepared[1])
            #expect(outcome.code == 254 && outcome.errors.contains(path), "\(outcome)")
        }

        @Test(arguments: ["--stage1-path=/bin/true", "--stage1-path=", "--stage1-from-dir=none"])
        func flagsThatLeadNowhereAreRefused(_ flag: String) throws {
            let outcome = try rkt("run", flag, busybox, "--exec=/bin/true")
            #expect(outcome.code == 254 && outcome.errors.contains("stage1"), "\(outcome)")
            #expect(rkt.pods(in: "run").isEmpty && rkt.pods(in: "prepare").isEmpty)
        }

        @Test func aLaterLayerCountsMore() throws {
            for (number, layer) in ["system", "local", "user"].enumerated() {
                let path = try copy("MARK\(number)", to: "opt\(number)/stage1")
                try configure(#""location":"\#(path)""#, in: layer)
                let pod = try rkt.startPod(
                    layers + ["--net=none", busybox, "--exec=/bin/sleep", "--", "100"]
                )
                #expect(try mark(of: pod.uuid) == "MARK\(number)")
                try pod.stop()
                let shown = try rkt(layers + ["config"])
                #expect(shown.output.contains(path), "\(shown)")
            }
        }

        /// A choice that can't be followed is told, not ignored.
        @Test(arguments: [
            (#""name":"example.com/stage1","version":"1""#, "example.com/stage1:1"),
            (#""location":"docker://example.com/stage1""#, "is a program of this host"),
            (#""location":"https://example.com/stage1.aci""#, "is a program of this host"),
            (#""location":"/opt/not-there""#, "No such file"),
            (#""location":"/bin""#, "/bin/stage1"),
            (#""location":"/bin/true""#, "not a stage1 that belongs to this rkt"),
            (#""location":"\#(Rkt.program)""#, "not a stage1 that belongs to this rkt"),
            (#""location":"OLDER""#, "not a stage1 that belongs to this rkt"),
        ])
        func whatIsNoStage1OfOursIsRefused(_ members: String, _ words: String) throws {
            let older = rkt.scratch("older")
            try tool(
                "sh",
                "-c",
                "sed 's/rkt stage1 for plans of version /rkt stage1 for plans of version 9/' '\(Self.installed)' >'\(older)'"
            )
            try configure(members.replacing("OLDER", with: older), in: "local")
            for verb in ["run", "prepare"] {
                let outcome = try rkt(layers + [verb, busybox, "--exec=/bin/true"])
                #expect(outcome.code == 254, "\(outcome)")
                #expect(outcome.errors.contains("stage1.d"), "\(outcome)")
                #expect(outcome.errors.contains(words), "\(outcome)")
            }
            #expect(rkt.pods(in: "prepared").isEmpty && rkt.pods(in: "run").isEmpty)
        }
    }
}
