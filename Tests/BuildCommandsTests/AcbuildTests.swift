import Commands
import Testing

@testable import BuildCommands

@Suite struct AcbuildTests {
    @Test func commandsAreListedOnceAndHaveHelp() {
        let names = Acbuild.commands.map { $0.name }
        #expect(Set(names).count == names.count)
        for command in Acbuild.commands { #expect(!command.summary.isEmpty) }
    }

    @Test func otherNamesMeanTheSame() {
        #expect(Acbuild.canonical("volume", at: 0) == "mount")
        #expect(Acbuild.canonical("set-wd", at: 0) == "set-working-directory")
        #expect(Acbuild.canonical("rm", at: 1) == "remove")
        #expect(Acbuild.canonical("rm", at: 0) == "rm")
    }

    @Test(arguments: [
        ("a", "a", "."), ("/a", "a", "/"), ("a/b", "b", "a"), ("/a/b/", "b", "/a"),
    ])
    func aPathIsSplit(_ path: String, _ name: String, _ parent: String) throws {
        let split = try HostSource.split(path)
        #expect(split.name == name && split.directory == parent)
    }

    @Test(arguments: [".", "/", "a/..", "./"]) func somePathsNameNothing(_ path: String) throws {
        #expect(try HostSource.split(path).name == nil)
    }
}
