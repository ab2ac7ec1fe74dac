import TestSupport
import Testing

extension Functional {
    /// The grammar of what follows `run`: images, their flags, their arguments.
    @Suite struct AppArguments {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        @Test func argumentsAreAppendedToTheImagesExec() throws {
            let rkt = try Rkt.with(app: [:], exec: ["/bin/echo", "one"])
            let outcome = try rkt("run", "--net=none", busybox, "--", "two", "three")
            #expect(outcome.text == "one two three", "\(outcome)")
        }

        @Test func execReplacesTheImagesExecAndItsArguments() throws {
            let rkt = try Rkt.with(app: [:], exec: ["/bin/echo", "one"])
            let outcome = try rkt(
                "run",
                "--net=none",
                busybox,
                "--exec=/bin/echo",
                "--",
                "two"
            )
            #expect(outcome.text == "two", "\(outcome)")
        }

        @Test(arguments: [
            ["", " ", "a b", "\"", "'", "\\", "$HOME", "%n", "*", "é", "--x=y", "--"]
        ])
        func argumentsArriveAsTheyWereGiven(_ words: [String]) throws {
            let outcome = try rkt.probe(["--facts=args"] + words)
            for (index, word) in words.enumerated() {
                #expect(outcome.facts["argv.\(index + 2)"] == word, "\(outcome)")
            }
        }

        @Test func threeDashesEndArgumentsAndStartTheNextImage() throws {
            let outcome = try rkt(
                [
                    "run", "--net=none", busybox, "--name=a", "--exec=/bin/echo", "--", "from-a",
                    "---",
                ]
                    + [busybox, "--name=b", "--exec=/bin/echo", "--", "from-b"]
            )
            #expect(outcome.output.contains("from-a"), "\(outcome)")
            #expect(outcome.output.contains("from-b"), "\(outcome)")
            #expect(outcome.succeeded)
        }

        @Test func podFlagsAreLegalAfterAnImage() throws {
            let outcome = try rkt(
                "run",
                busybox,
                "--exec=/bin/hostname",
                "--net=none",
                "--hostname=x"
            )
            #expect(outcome.text == "x", "\(outcome)")
        }

        @Test(arguments: [
            (["--exec=/bin/true", busybox], "must follow an image"),
            (["--", "x"], "image is required"),
            ([busybox, "--", "a", "---", "--", "b"], "only one"),
            ([busybox, busybox], "multiple apps"), ([], "at least one image"),
            ([busybox, "--no-such-flag"], "no-such-flag"),
            (["--pull-policy=sometimes", busybox], "sometimes"),
            ([busybox, "--mount=volume=v,target=/v"], "v"),
        ])
        func mistakesAreRefusedByName(_ arguments: [String], _ said: String) throws {
            let outcome = try rkt(["run", "--net=none"] + arguments)
            #expect(outcome.code == 254, "\(outcome)")
            #expect(outcome.errors.contains(said), "\(outcome)")
            #expect(rkt.pods(in: "run").isEmpty)
        }

        @Test(arguments: ["--stdin=stream", "--private-users", "--mds-register"])
        func flagsNotBuiltYetAreRefusedByName(_ flag: String) throws {
            let outcome = try rkt("run", "--net=none", flag, busybox, "--exec=/bin/true")
            #expect(outcome.code == 254, "\(outcome)")
            let name = flag.split(separator: "=")[0]
            #expect(outcome.errors.contains(name), "\(outcome)")
        }

        @Test func workingDirectoryComesFromTheFlag() throws {
            let outcome = try rkt.probe(["--facts=cwd"], app: ["--working-dir=/home/user"])
            #expect(outcome.facts["cwd"] == "/home/user", "\(outcome)")
        }

        @Test func aNameIsLookedUpInThePathOfTheApp() throws {
            let outcome = try rkt(
                "run",
                "--net=none",
                busybox,
                "--exec=echo",
                "--",
                "found"
            )
            #expect(outcome.text == "found", "\(outcome)")
        }

        @Test func readOnlyRootCannotBeWritten() throws {
            let outcome = try rkt.probe(["--create=/new"], app: ["--readonly-rootfs=true"])
            #expect(outcome.facts["create./new"] == "EROFS", "\(outcome)")
        }

        @Test func theProgramNamedWronglyIsNamedInTheError() throws {
            let outcome = try rkt("run", "--net=none", busybox, "--exec=/bin/no such")
            #expect(!outcome.succeeded)
            #expect(outcome.errors.contains("/bin/no such"), "\(outcome)")
        }
    }
}
