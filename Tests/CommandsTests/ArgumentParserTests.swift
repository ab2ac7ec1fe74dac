import Testing

@testable import Commands

/// pflag's rules, as rkt's users and scripts know them.
@Suite struct ArgumentParserTests {
    struct Sample: Command {
        static let name = "sample"
        static let summary = "A command for tests"
        static let usage = "[ARGUMENT ...]"
        static var flags: [Flag<Self>] {
            [
                .bool("quiet", "say less") { $0.isQuiet = $1 },
                .bool("follow", "go on") { $0.follows = $1 }.short("f"),
                .string("name", "a name") { $0.name = $1 },
                .list("tags", "tags") { $0.tags += $1 },
                .duration("timeout", default: "10s", "how long") { $0.timeout = $1 },
                .integer("count", default: "1", "how many", in: 1...10) { $0.count = $1 },
                .optional("wait", default: "false", bare: "true", "wait") { $0.wait = $1 },
                .notBuilt("later"),
            ]
        }

        var isQuiet = false
        var follows = false
        var name = ""
        var tags: [String] = []
        var timeout = Duration.seconds(10)
        var count: Int64 = 1
        var wait = "false"

        mutating func run(_ context: Context) throws {}
    }

    private func parse(_ arguments: String...) throws -> (Sample, [String], GlobalOptions) {
        var sample = Sample()
        var parser = ArgumentParser(arguments, flags: Sample.flags)
        let operands = try sample.parse(&parser)
        return (sample, operands, parser.globals)
    }

    @Test func aValueFollowsASpaceOrAnEqualsSign() throws {
        #expect(try parse("--name", "a").0.name == "a")
        #expect(try parse("--name=a").0.name == "a")
        #expect(try parse("--name=a=b").0.name == "a=b")
        #expect(try parse("--name=").0.name == "")
        #expect(try parse("--name", "--quiet").0.name == "--quiet")
    }

    @Test func aSwitchTakesItsValueOnlyByAnEqualsSign() throws {
        let (sample, operands, _) = try parse("--quiet", "false")
        #expect(sample.isQuiet && operands == ["false"])
        #expect(try !parse("--quiet=false").0.isQuiet)
        #expect(try parse("--quiet=T").0.isQuiet)
        #expect(try parse("--wait", "x").0.wait == "true")
        #expect(try parse("--wait=30s").0.wait == "30s")
    }

    @Test func listsGrow() throws {
        #expect(try parse("--tags=a,b", "--tags", "c").0.tags == ["a", "b", "c"])
        #expect(try parse("--tags=").0.tags == [])
    }

    @Test func theLastOfARepeatedFlagCounts() throws {
        #expect(try parse("--name=a", "--name=b").0.name == "b")
    }

    @Test func flagsStandAnywhereUntilTwoDashes() throws {
        let (sample, operands, globals) = try parse("a", "--quiet", "-", "--debug", "--", "--name")
        #expect(sample.isQuiet && globals.isDebugging)
        #expect(operands == ["a", "-", "--name"])
    }

    @Test func lettersCanBeJoined() throws {
        #expect(try parse("-f").0.follows)
        #expect(throws: CommandError.unknownFlag("-fx")) { try parse("-fx") }
    }

    @Test(arguments: [
        (["--no-such"], "unknown flag: --no-such"),
        (["-x"], "unknown flag: -x"),
        (["--\u{1B}[31m"], "unknown flag: --\\u{1B}[31m"),
        (["--name"], "flag needs an argument: --name"),
        (["--later=x"], "--later is not built yet"),
        (["--quiet=maybe"], "invalid argument \"maybe\" for \"--quiet\": it is not true or false"),
        (
            ["--count=11"],
            "invalid argument \"11\" for \"--count\": it is not a number between 1 and 10"
        ),
        (
            ["--insecure-options=image,IMAGE"],
            "invalid argument \"image,IMAGE\" for \"--insecure-options\": duplicated option \"IMAGE\""
        ),
        (
            ["--insecure-options=imag"],
            "invalid argument \"imag\" for \"--insecure-options\": unknown option \"imag\""
        ),
    ])
    func mistakesAreNamed(_ arguments: [String], _ message: String) throws {
        var sample = Sample()
        var parser = ArgumentParser(arguments, flags: Sample.flags)
        let error = #expect(throws: CommandError.self) { try sample.parse(&parser) }
        #expect(error?.description == message)
    }

    @Test func insecureOptionsAddUp() throws {
        let options = try InsecureOptions(["Image", "all-run"])
        #expect(options == [.image, .capabilities, .paths, .seccomp])
        #expect(try InsecureOptions(["none"]) == [])
        #expect(try InsecureOptions(["all"]).isSuperset(of: [.allFetch, .allRun, .onDisk]))
    }

    @Test(arguments: ["help", "h"])
    func helpIsAskedForAnywhere(_ flag: String) throws {
        var sample = Sample()
        var parser = ArgumentParser(
            ["x", flag.count == 1 ? "-h" : "--help"],
            flags: Sample.flags
        )
        _ = try sample.parse(&parser)
        #expect(parser.asksForHelp)
    }

    @Test func helpShowsEveryFlagThatIsBuilt() {
        let text = Help.command(Sample.self)
        let titles = ["NAME:", "USAGE:", "DESCRIPTION:", "OPTIONS:", "GLOBAL OPTIONS:"]
        #expect(titles.allSatisfy { text.contains($0 + "\n\t") })
        #expect(text.contains("\t--timeout=10s\t\thow long\n"))
        #expect(text.contains("\t-f, --follow=false\tgo on\n"))
        #expect(text.contains("\t--dir=/var/lib/rkt\t"))
        #expect(!text.contains("later"))
    }
}
