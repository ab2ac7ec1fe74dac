import AppContainer
import Stage0
import Testing

@testable import Commands

/// rkt's grammar of images, flags about them and arguments for them.
@Suite struct PodArgumentsTests {
    private func parse(_ line: String) throws(CommandError) -> PodArguments {
        try parse(line.split(separator: " ").map(String.init))
    }

    private func parse(_ words: [String]) throws(CommandError) -> PodArguments {
        var command = RunCommand()
        var parser = ArgumentParser(words, flags: RunCommand.flags)
        _ = try command.parse(&parser)
        return command.arguments
    }

    private func error(_ line: String) -> String {
        do throws(CommandError) {
            _ = try parse(line)
            return ""
        } catch {
            return error.description
        }
    }

    @Test func argumentsEndAtThreeDashes() throws {
        let apps = try parse("a -- x --- b -- --exec -- y").apps
        #expect(apps.map(\.image) == ["a", "b"])
        #expect(apps.map(\.arguments) == [["x"], ["--exec", "--", "y"]])
    }

    @Test func flagsStandAnywhereBetweenImagesAndArguments() throws {
        let apps = try parse("--inherit-env a --exec /x --net=none -- y --- --name=n b").apps
        #expect(apps.map(\.program) == ["/x", nil])
        #expect(apps.map(\.name?.text) == ["n", nil])
        #expect(apps[0].arguments == ["y"])
    }

    @Test func emptyWordsAndLooseDashesDoNotCount() throws {
        #expect(try parse(["", "---", "a", "", "---", "b"]).apps.map(\.image) == ["a", "b"])
    }

    @Test func aMountBelongsToTheImageBeforeItOrToAll() throws {
        let arguments = try parse(
            "--volume v,kind=empty --mount volume=v,target=/all a --mount volume=v,target=/a b"
        )
        #expect(arguments.mounts.map(\.path) == ["/all"])
        #expect(arguments.apps.map { $0.mounts.map(\.path) } == [["/a"], []])
    }

    @Test func theLastValueOfAVariableCounts() throws {
        let app = try parse("a --environment=A=1 --environment=B=2 --environment=A=3").apps[0]
        #expect(app.environment.map { "\($0.name)=\($0.value)" } == ["B=2", "A=3"])
    }

    @Test func aManifestStandsAlone() throws {
        #expect(try parse("--pod-manifest=m --net=host --pull-policy=new").manifestFile == "m")
        for flag in [
            "a", "--volume=v,kind=empty", "--set-env=A=1", "--set-env-file=f", "--inherit-env",
            "--pull-policy=never", "--store-only", "--no-store",
        ] {
            #expect(
                error("--pod-manifest=m \(flag)")
                    == "conflicting flags set with --pod-manifest (see --help)"
            )
        }
    }

    @Test(arguments: [
        ("", "must provide at least one image or specify the pod manifest"),
        ("-- a", "an image is required before any app arguments"),
        ("a -- b --- -- c", "only one set of app arguments allowed per image"),
        ("--exec=/x a", "--exec must follow an image"),
        ("--user=0", "--user must follow an image"),
        ("--caps-retain=CAP_KILL a", "--caps-retain must follow an image"),
        (
            "a --mount volume=v,target=/p",
            "dangling mount point \"/p\": volume \"v\" not found"
        ),
        ("a --private-users", "--private-users is not built yet"),
        ("a --stage1-name=x", "--stage1-name is not built yet"),
        ("a --stage1-path=x --stage1-path=y", "--stage1-path already used"),
        (
            "--stage1-from-dir=x a --stage1-path=y",
            "flags --stage1-from-dir and --stage1-path are mutually exclusive"
        ),
        ("a --mds-register", "--mds-register is not built yet"),
        ("a --stdin=tty", "--stdin is not built yet"),
        ("a --nonsense", "unknown flag: --nonsense"),
        ("a --readonly-rootfs", "flag needs an argument: --readonly-rootfs"),
    ])
    func wrongLines(line: String, message: String) { #expect(error(line) == message) }

    @Test(arguments: [
        "a --exec=/x --exec=/y", "a --caps-retain=CAP_KILL --caps-remove=CAP_KILL",
        "a --pull-policy=always", "a --readonly-rootfs=maybe", "a --memory=16m", "a --cpu=0",
        "a --cpu-shares=1", "a --oom-score-adj=1001", "a --seccomp=mkdir", "a --name=Upper",
        "a --user=4294967295", "a --group=4294967296", "a --supplementary-gids=1,x",
        "a --environment=A", "a --set-env=A=1 --set-env=A=2", "a --annotation=x",
        "a --ipc=host", "a --pids-limit=0", "a --default-caps=none", "a --volume=v,kind=disk",
        "a --mount=volume=v", "a --caps-retain=", "a --working-dir=etc",
        "a --stage1-from-dir=a/b", "a --stage1-from-dir=",
        "a --store-only --no-store", "a --pull-policy=new --store-only",
    ])
    func wrongValues(line: String) { #expect(error(line).hasPrefix("invalid argument")) }
}
