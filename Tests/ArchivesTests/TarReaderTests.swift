import Archives
import Foundation
import TestSupport
import Testing

@Suite struct TarReaderTests {
    private static let long = String(repeating: "directory/", count: 15) + "file"

    /// A tree with what the formats differ in.
    private static func tree() throws -> Scratch {
        let scratch = try Scratch()
        try scratch.write("short", to: "tree/file")
        try scratch.write("long", to: "tree/\(long)")
        try tool("ln", scratch("tree/file"), scratch("tree/hard"))
        try tool("ln", "-s", long, scratch("tree/soft"))
        try tool("mkfifo", scratch("tree/pipe"))
        try tool("touch", "-d", "@1700000000.25", scratch("tree/file"))
        try tool("sh", "-c", "echo begin > '\(scratch("tree/sparse"))'")
        try tool("truncate", "-s", "1M", scratch("tree/sparse"))
        try tool("sh", "-c", "echo end >> '\(scratch("tree/sparse"))'")
        return scratch
    }

    @Test(arguments: [
        ["--format=gnu"], ["--format=oldgnu"], ["--format=pax"], ["--format=gnu", "--sparse"],
        ["--format=pax", "--sparse", "--sparse-version=0.0"],
        ["--format=pax", "--sparse", "--sparse-version=0.1"],
        ["--format=pax", "--sparse", "--sparse-version=1.0"],
    ])
    func everyFormatOfGNUTarReadsAlike(options: [String]) throws {
        let scratch = try Self.tree()
        try tool("tar", "-C", scratch("tree"), "-cf", scratch("a.tar"), options[0], "file", "hard")
        let archive = scratch("b.tar")
        let outcome = try Execution(
            ["/usr/bin/env", "tar", "-C", scratch("tree"), "--owner=1000", "-cf", archive] + options
                + ["file", "hard", "soft", "pipe", "sparse", Self.long]
        ).finished()
        try #require(outcome.succeeded)
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: archive)))
        let listed = try list(bytes)
        try #require(listed.count == 6)
        #expect(listed[0].content == Array("short".utf8))
        #expect(listed[0].entry.uid == 1000)
        #expect(listed[0].entry.modified.seconds == 1_700_000_000)
        #expect(listed[1].entry.kind == .hardLink)
        #expect(listed[1].entry.linkTarget == Array("file".utf8))
        #expect(listed[2].entry.linkTarget == Array(Self.long.utf8))
        #expect(listed[3].entry.kind == .fifo)
        #expect(listed[4].entry.path == Array("sparse".utf8))
        #expect(listed[4].content.count == 1 << 20 | 4)
        #expect(listed[4].content.prefix(6) == Array("begin\n".utf8)[...])
        #expect(listed[4].content.suffix(4) == Array("end\n".utf8)[...])
        #expect(listed[5].entry.path == Array(Self.long.utf8))
        for chunk in [1, 511, 512, 1000] { #expect(try list(bytes, chunk: chunk) == listed) }
    }

    @Test(arguments: ["USTAR_FORMAT", "GNU_FORMAT", "PAX_FORMAT"])
    func everyFormatOfPythonReadsAlike(format: String) throws {
        let scratch = try Scratch()
        let name = "d/" + String(repeating: "x", count: 98) + "/ü"
        try tool(
            "python3",
            "-c",
            """
            import tarfile, io
            t = tarfile.open('\(scratch("a.tar"))', 'w', format=tarfile.\(format))
            i = tarfile.TarInfo('\(name)'); i.size = 3; i.mode = 0o4755
            t.addfile(i, io.BytesIO(b'abc')); t.close()
            """
        )
        let listed = try list(Array(try Data(contentsOf: URL(fileURLWithPath: scratch("a.tar")))))
        #expect(listed.map(\.entry.path) == [Array(name.utf8)])
        #expect(listed.first?.entry.mode == 0o4755)
        #expect(listed.first?.content == Array("abc".utf8))
    }

    @Test func whatTheWriterWritesComesBack() throws {
        var file = TarEntry(path: Array(Self.long.utf8) + [0xFF, 0x0A])
        file.mode = 0o6711
        file.uid = 4_294_967_294
        file.modified = TarTime(seconds: -2, nanoseconds: 500_000_000)
        file.extendedAttributes = [TarAttribute(name: Array("user.a".utf8), value: [0, 10, 255])]
        var link = TarEntry(path: Array("link".utf8), kind: .symbolicLink)
        link.linkTarget = Array(Self.long.utf8)
        var writer = TarWriter()
        writer.write(file, content: Array(repeating: 7, count: 700))
        writer.write(link)
        writer.finish()
        file.size = 700
        let listed = try list(writer.bytes)
        #expect(listed.map(\.entry) == [file, link])
        #expect(listed.first?.content == Array(repeating: 7, count: 700))
    }

    @Test func emptyArchivesAreArchives() throws {
        #expect(try list([]).isEmpty)
        #expect(try list([UInt8](repeating: 0, count: 1024)).isEmpty)
        #expect(try list([UInt8](repeating: 0, count: 10240)).isEmpty)
    }

    @Test func aGlobalHeaderHoldsForAllEntriesAndAnEntrysOwnWins() throws {
        var archive = RawTar()
        archive.add("pax_global_header", type: "g", content: "12 uid=1000\n20 mtime=1600000000\n")
        archive.add("a")
        archive.add("PaxHeader", type: "x", content: "12 uid=2000\n")
        archive.add("b")
        let listed = try list(archive.bytes)
        #expect(listed.map(\.entry.uid) == [1000, 2000])
        #expect(listed.map(\.entry.modified.seconds) == [1_600_000_000, 1_600_000_000])
    }

    @Test func mutatedArchivesAreReadOrRefusedButNeverTrap() throws {
        let scratch = try Self.tree()
        try tool(
            "tar",
            "-C",
            scratch("tree"),
            "--format=pax",
            "--sparse",
            "-cf",
            scratch("a.tar"),
            "."
        )
        let bytes = Array(
            try Data(contentsOf: URL(fileURLWithPath: scratch("a.tar"))).prefix(20480)
        )
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            _ = try? list(Self.withChecksums(mutated(bytes, using: &random)), chunk: 4096)
        }
    }

    /// Damage would mostly end at the checksum; put it right so that the fields behind it are reached.
    private static func withChecksums(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for start in stride(from: 0, to: bytes.count - 511, by: 512)
        where bytes[start + 257] == UInt8(ascii: "u") {
            RawTar.seal(&bytes, at: start)
        }
        return bytes
    }
}
