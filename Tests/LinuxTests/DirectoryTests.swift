import Linux
import Testing

/// A directory of the test's own, removed with everything in it.
struct Scratch: ~Copyable {
    let name = "rkt-linux-test-" + randomHex(bytes: 6)
    let directory: Directory

    init() throws {
        let temporary = try Directory(path: "/tmp")
        try temporary.makeDirectory(name)
        directory = try temporary.directory(name)
    }

    var path: String { "/tmp/" + name }

    deinit { try? Directory(path: "/tmp").removeTree(name) }
}

@Suite struct DirectoryTests {
    /// R1: no path below a directory leads out of it.
    @Test(arguments: [
        "../outside", "/etc/passwd", "link/passwd", "absolute", "inside/../../outside",
        "up/outside",
    ])
    func pathsThatLeaveAreRefused(path: String) throws {
        let scratch = try Scratch()
        try scratch.directory.makeDirectory("inside")
        try scratch.directory.makeSymbolicLink("link", to: "/etc")
        try scratch.directory.makeSymbolicLink("absolute", to: "/etc/passwd")
        try scratch.directory.makeSymbolicLink("up", to: "..")
        let error = #expect(throws: Errno.self) { _ = try scratch.directory.open(path) }
        #expect([.tooManyLinks, .crossDevice, .noSuchFile].contains(error))
    }

    @Test func rootedPathsFollowLinksInsideTheRoot() throws {
        let scratch = try Scratch()
        _ = try scratch.directory.makingDirectories("usr/lib")
        try scratch.directory.directory("usr/lib").createFile("file", Array("found".utf8))
        try scratch.directory.makeSymbolicLink("lib", to: "/usr/lib")
        let bytes = try scratch.directory.readFile("lib/file", resolution: .rooted)
        #expect(bytes == Array("found".utf8))
        let rooted = try scratch.directory.readFile("../../lib/../lib/file", resolution: .rooted)
        #expect(rooted == bytes)
    }

    @Test(arguments: ["", ".", "..", "a/b", "a\0b"])
    func namesOfOneComponentAreWanted(name: String) throws {
        let scratch = try Scratch()
        #expect(throws: Errno.invalidArgument) {
            try scratch.directory.makeDirectory(name)
        }
        #expect(throws: Errno.invalidArgument) {
            try scratch.directory.remove(name)
        }
    }

    @Test func aFileThatGrowsBeyondTheLimitIsNotRead() throws {
        let scratch = try Scratch()
        try scratch.directory.createFile("file", [UInt8](repeating: 7, count: 1001))
        #expect(throws: Errno(27)) { _ = try scratch.directory.readFile("file", limit: 1000) }
        let exact = try scratch.directory.readFile("file", limit: 1001)
        #expect(exact.count == 1001)
    }

    /// R7: whoever plants a FIFO must not hold us.
    @Test func aFIFOIsReadAsEmpty() throws {
        let scratch = try Scratch()
        let status = try Child.spawn(
            "/usr/bin/mkfifo",
            arguments: ["mkfifo", scratch.path + "/fifo"]
        )
        .wait()
        #expect(status == .exited(0))
        let bytes = try scratch.directory.readFile("fifo")
        #expect(bytes.isEmpty)
    }

    @Test func replacingShowsTheOldOrTheNewFile() throws {
        let scratch = try Scratch()
        try scratch.directory.replaceFile("file", Array("old".utf8))
        let before = try scratch.directory.open("file")
        try scratch.directory.replaceFile("file", Array("new".utf8), durable: true)
        let old = try before.readToEnd()
        #expect(old == Array("old".utf8))
        let after = try scratch.directory.readFile("file")
        #expect(after == Array("new".utf8))
        let names = try scratch.directory.entries().map(\.name)
        #expect(names == ["file"])
    }

    /// R19: removal unlinks links and never follows them.
    @Test func removingATreeLeavesWhatLinksLeadTo() throws {
        let scratch = try Scratch()
        let kept = try Scratch()
        try kept.directory.createFile("precious", Array("x".utf8))
        let tree = try scratch.directory.makingDirectories("tree/deep")
        try tree.makeSymbolicLink("out", to: kept.path)
        try tree.createFile("file")
        try scratch.directory.removeTree("tree")
        let isThere = scratch.directory.contains("tree")
        #expect(!isThere)
        let isKept = kept.directory.contains("precious")
        #expect(isKept)
    }
}
