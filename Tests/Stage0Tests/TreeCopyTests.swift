import Foundation
import Linux
import TestSupport
import Testing

/// Layers laid over one another for `--no-overlay`.
@Suite struct TreeCopyTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        for name in ["one", "two", "copy"] { try scratch.makeDirectory(name) }
    }

    private func copy() throws {
        var copy = TreeCopy(into: try Directory(path: scratch("copy")))
        for name in ["one", "two"] { try copy.add(layer: Directory(path: scratch(name))) }
    }

    @Test func anUpperFileReplacesALowerOne() throws {
        try scratch.write("old", to: "one/file", mode: 0o600)
        try scratch.write("new", to: "two/file", mode: 0o4755)
        try copy()
        #expect(try String(contentsOfFile: scratch("copy/file"), encoding: .utf8) == "new")
        let directory = try Directory(path: scratch("copy"))
        #expect(try directory.status(of: "file").permissions == 0o4755)
    }

    @Test func aWhiteoutTakesAwayWhatIsBelow() throws {
        try scratch.write("x", to: "one/gone/deep")
        try scratch.write("x", to: "one/kept")
        try Directory(path: scratch("two")).makeWhiteout(#require(RawName("gone".utf8)))
        try copy()
        #expect(try Directory(path: scratch("copy")).entries().map(\.name) == ["kept"])
    }

    @Test func anOpaqueDirectoryBeginsEmpty() throws {
        try scratch.write("x", to: "one/d/old")
        try scratch.write("x", to: "two/d/new")
        let attribute = try #require(RawPath("user.overlay.opaque".utf8))
        try Directory(path: scratch("two/d")).descriptor
            .setExtendedAttribute(attribute, [UInt8(ascii: "y")])
        try copy()
        #expect(try Directory(path: scratch("copy/d")).entries().map(\.name) == ["new"])
    }

    @Test func aLinkInTheWayIsReplacedAndNotFollowed() throws {
        try FileManager.default.createSymbolicLink(
            atPath: scratch("one/d"),
            withDestinationPath: scratch("outside")
        )
        try scratch.makeDirectory("outside")
        try scratch.write("x", to: "two/d/file")
        try copy()
        #expect(try Directory(path: scratch("outside")).entries().isEmpty)
        #expect(try Directory(path: scratch("copy")).status(of: "d").kind == .directory)
    }

    @Test func sharedNamesHolesAndTimesStay() throws {
        try scratch.write("x", to: "one/a/first")
        try FileManager.default.linkItem(
            atPath: scratch("one/a/first"),
            toPath: scratch("one/b")
        )
        let sparse = try Directory(path: scratch("one")).open("sparse", [.writeOnly, .create])
        try sparse.truncate(to: 64 << 20)
        try copy()
        let directory = try Directory(path: scratch("copy"))
        #expect(
            try directory.status(of: "b").inode == directory.status(of: "a/first").inode
        )
        let copied = try directory.status(of: "sparse")
        #expect(copied.size == 64 << 20 && copied.allocated < 1 << 20)
        let original = try Directory(path: scratch("one")).status(of: "a/first")
        #expect(try directory.status(of: "a/first").modified == original.modified)
    }
}
