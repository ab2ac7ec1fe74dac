import Testing

@testable import BuildCommands

@Suite struct ScriptTests {
    @Test(arguments: [
        ("begin", [["begin"]]), ("# all\n\nBEGIN x # rest", [["begin", "x"]]),
        ("copy \"a b\" 'c d'", [["copy", "a b", "c d"]]), ("copy a\\ b c", [["copy", "a b", "c"]]),
        ("label add a \\\n  b", [["label", "add", "a", "b"]]),
        ("label add a ''", [["label", "add", "a", ""]]),
        ("run sh -c x", [["run", "--", "sh", "-c", "x"]]),
        ("run --engine=chroot ls -l", [["run", "--engine=chroot", "--", "ls", "-l"]]),
        ("set-exec -- /x -y", [["set-exec", "--", "/x", "-y"]]), ("a#b", [["a"]]),
    ])
    func linesAreCommands(_ text: String, _ expected: [[String]]) throws {
        #expect(try ScriptLine.parse(text).map(\.words) == expected)
    }

    @Test(arguments: ["copy 'a", "copy \"a\nb", "copy a \\"])
    func whatIsNotFinishedIsRefused(_ text: String) {
        #expect(throws: ScriptError.self) { try ScriptLine.parse(text) }
    }

    @Test(arguments: [
        ("x/Containerfile", "", true), ("Dockerfile.prod", "", true), ("app.dockerfile", "", true),
        ("build", "# c\nFROM a", true), ("build", "begin\n", false),
    ])
    func aContainerfileIsKnown(_ path: String, _ text: String, _ expected: Bool) {
        #expect(ScriptVerb.isContainerfile(path, text) == expected)
    }
}
