import TestSupport
import Testing

extension Functional {
    /// Which variables an app gets, and who wins.
    @Suite struct Environments {
        let rkt: Rkt

        init() throws {
            rkt = try .with(app: ["environment": [["name": "FROM", "value": "image"]]])
        }

        @Test func constantsAndTheAppsNameAreAlwaysThere() throws {
            let facts = try rkt.probe(["--facts=env"]).facts
            #expect(facts["env.AC_APP_NAME"] == "busybox")
            #expect(facts["env.HOME"] == "/root")
            #expect(facts["env.USER"] == "root")
            #expect(facts["env.LOGNAME"] == "root")
            #expect(facts["env.SHELL"] == "/bin/sh")
            #expect(
                facts["env.PATH"] == "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
            )
        }

        @Test(arguments: [
            ([], [], "image"), (["--inherit-env"], [], "image"),
            (["--set-env=FROM=pod"], [], "pod"), ([], ["--environment=FROM=app"], "app"),
            (["--set-env=FROM=pod"], ["--environment=FROM=app"], "app"),
            ([], ["--environment=FROM=app", "--environment=FROM=last"], "last"),
        ])
        func theNearestSettingWins(
            _ pod: [String],
            _ app: [String],
            _ winner: String
        ) throws {
            let outcome = try rkt.probe(
                ["--facts=env"],
                pod: pod,
                app: app,
                environment: ["FROM": "caller", "PATH": "/usr/bin:/bin"]
            )
            #expect(outcome.facts["env.FROM"] == winner, "\(outcome)")
        }

        @Test func callersVariablesComeOnlyWhenAskedFor() throws {
            let caller = ["SECRET": "s", "PATH": "/usr/bin:/bin"]
            let without = try rkt.probe(["--facts=env"], environment: caller)
            #expect(without.facts["env.SECRET"] == nil, "\(without)")
            let with = try rkt.probe(["--facts=env"], pod: ["--inherit-env"], environment: caller)
            #expect(with.facts["env.SECRET"] == "s", "\(with)")
        }

        @Test func aFileOfVariablesIsRead() throws {
            let file = try rkt.scratch.write("# c\n; d\n\nA=1\nB=two words\n", to: "env")
            let facts = try rkt.probe(["--facts=env"], pod: ["--set-env-file=\(file)"]).facts
            #expect(facts["env.A"] == "1")
            #expect(facts["env.B"] == "two words")
        }

        @Test(arguments: ["A=1\nA=2\n", "novalue\n", "=x\n"])
        func aWrongFileIsRefused(_ text: String) throws {
            let file = try rkt.scratch.write(text, to: "env")
            let outcome = try rkt.probe(["--facts=env"], pod: ["--set-env-file=\(file)"])
            #expect(outcome.code == 254, "\(outcome)")
        }

        @Test func variablesWithStrangeValuesArriveWhole() throws {
            let value = "a\\b\"c' $d %e\\"
            let outcome = try rkt.probe(["--facts=env"], app: ["--environment=X=\(value)"])
            #expect(outcome.facts["env.X"] == value, "\(outcome)")
        }

        /// The bytes of a command line, as a shell makes them.
        private func raw(_ command: String) throws -> Outcome {
            let rkt = "\(Rkt.program) --dir=\(rkt.data)"
            let script = "B=$(printf '\\377'); cd '\(self.rkt.scratch.path)'; \(command)"
            return try Execution([
                "/bin/sh", "-c", script.replacing("RKT", with: rkt),
            ]).finished()
        }

        @Test(arguments: [
            "RKT run --net=none example.com/busybox --exec=/bin/echo -- $B",
            "RKT run --net=none --set-env=A=$B example.com/busybox --exec=/bin/true",
            "A=x$B RKT run --net=none --inherit-env example.com/busybox --exec=/bin/true",
            "echo A=$B > file; RKT run --net=none --set-env-file=file example.com/busybox",
            "RKT --dir=$B list", "mkdir $B; cd $B; RKT --dir=. list",
            "mkdir $B; cd $B; RKT --dir=new list", "mkdir $B; ln -s $B link; RKT --dir=link list",
        ])
        func whatIsNotUTF8IsRefused(_ command: String) throws {
            let outcome = try raw(command)
            #expect(outcome.code == 254, "\(outcome)")
            #expect(outcome.errors.contains("is not UTF-8"), "\(outcome)")
            #expect(rkt.pods(in: "run").isEmpty && rkt.pods(in: "prepared").isEmpty)
        }
    }
}
