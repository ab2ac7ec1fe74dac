import Testing

@testable import Commands

@Suite struct CommandNameTests {
    private func name(_ words: String...) throws -> String {
        switch try CommandName.find(words, among: Rkt.commands) {
        case .command(let command): command.name
        case .group: "group"
        }
    }

    @Test func anUnambiguousBeginningIsEnough() throws {
        #expect(try name("status") == "status")
        #expect(try name("stat") == "status")
        #expect(try name("image", "rm") == "image rm")
        #expect(try name("im", "li") == "image list")
        #expect(try name("image") == "group")
    }

    @Test func aNameThatIsSpelledOutIsNoBeginning() throws {
        #expect(try name("run") == "run")
        #expect(try name("run-p") == "run-prepared")
    }

    @Test func anAmbiguousBeginningIsRefused() {
        #expect(throws: CommandError.ambiguousCommand("st", ["status", "stop"])) { try name("st") }
    }

    @Test(arguments: ["", "fly", "list all", "image\u{1B}"])
    func whatIsNoCommandIsRefused(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        #expect(throws: CommandError.self) {
            try CommandName.find(words.isEmpty ? ["x"] : words, among: Rkt.commands)
        }
    }

    @Test func commandsAreListedInOrderAndOnce() {
        let names = Rkt.commands.map { $0.name }
        #expect(names == names.sorted() && Set(names).count == names.count)
    }

    @Test func everyCommandHasHelp() {
        for command in Rkt.commands {
            let text = Help.command(command)
            #expect(text.hasPrefix("NAME:\n\trkt \(command.name) - "))
            #expect(!command.summary.isEmpty && !command.summary.hasSuffix("."))
        }
    }
}
