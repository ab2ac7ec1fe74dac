import TestSupport
import Testing

extension Functional {
    /// A pod on a terminal.
    @Suite struct Interactive {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        private func run(_ actions: [String]) throws -> Outcome {
            try rkt.onTerminal(
                ["run", "--net=none", "--interactive", busybox, "--exec=/bin/probe", "--"] + actions
            )
        }

        @Test func theAppHasATerminalOfTheUsersSize() throws {
            let outcome = try run(["--facts=tty"])
            for stream in ["stdin", "stdout", "stderr"] {
                #expect(outcome.facts["tty.\(stream)"] == "true", "\(outcome)")
            }
            #expect(outcome.facts["columns"] == "91", "\(outcome)")
            #expect(outcome.facts["rows"] == "33", "\(outcome)")
        }

        @Test func withoutTheFlagThereIsNoTerminal() throws {
            let outcome = try rkt.probe(["--facts=tty", "--read-input"])
            #expect(outcome.facts["tty.stdin"] == "false", "\(outcome)")
            #expect(outcome.facts["tty.stdout"] == "false", "\(outcome)")
            #expect(outcome.facts["input"] == "", "\(outcome)")
        }

        @Test func whatIsTypedArrives() throws {
            let outcome = try rkt.onTerminal(
                ["run", "--net=none", "--interactive", busybox, "--exec=/bin/sh", "--", "-c"]
                    + ["echo ready; read line; echo got $line"],
                input: "typed\n",
                prompt: "ready"
            )
            #expect(outcome.output.contains("got typed"), "\(outcome)")
        }

        @Test func controlCInterruptsTheApp() throws {
            let outcome = try rkt.onTerminal(
                ["run", "--net=none", "--interactive", busybox, "--exec=/bin/sh", "--", "-c"]
                    + ["trap 'echo interrupted; exit 9' INT; echo ready; read line"],
                input: "\u{3}",
                prompt: "ready"
            )
            #expect(outcome.output.contains("interrupted"), "\(outcome)")
            #expect(outcome.code == 9, "\(outcome)")
        }

        @Test func theExitCodeIsTheApps() throws {
            #expect(try run(["--exit=17"]).code == 17)
        }

        @Test func onlyOneAppCanHaveTheTerminal() throws {
            let outcome = try rkt(
                ["run", "--net=none", "--interactive", busybox, "--name=a", busybox, "--name=b"]
            )
            #expect(outcome.code == 254, "\(outcome)")
        }

        /// §2.2: nothing can be typed into the user's own shell.
        @Test func nothingIsInjectedIntoTheTerminal() throws {
            let outcome = try run(["--attempts"])
            for name in ["tiocsti", "tiocsti-high", "tioclinux"] {
                let result = outcome.facts["try.\(name)"] ?? ""
                #expect(result.hasPrefix("E"), "\(name) \(outcome)")
            }
        }
    }
}
