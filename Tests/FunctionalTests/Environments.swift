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
    }
}
