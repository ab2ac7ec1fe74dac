import Archives
import Testing

/// What no archive may do to the reader (tar grammar, bombs, R10).
@Suite struct HostileArchiveTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let name: String
        let archive: [UInt8]
        var testDescription: String { name }

        init(_ name: String, _ make: (inout RawTar) -> Void) {
            self.name = name
            var tar = RawTar()
            make(&tar)
            archive = tar.bytes + [UInt8](repeating: 0, count: 1024)
        }
    }

    static let damaged: [Row] = [
        Row("negative size in base 256") {
            $0.add("a", size: [UInt8](repeating: 0xFF, count: 12))
        },
        Row("size beyond 63 bits") { $0.add("a", size: RawTar.base256(.max)) },
        Row("size that isn't a number") { $0.add("a", size: Array("12345678xyz".utf8)) },
        Row("negative PAX size") { $0.add("p", type: "x", content: "11 size=-1\n") },
        Row("PAX size beyond 64 bits") {
            $0.add("p", type: "x", content: "34 size=99999999999999999999999\n")
        },
        Row("PAX size with a sign") { $0.add("p", type: "x", content: "11 size=+1\n") },
        Row("NUL in a PAX path") { $0.add("p", type: "x", content: "12 path=a\u{0}b\n") },
        Row("NUL in a PAX link") { $0.add("p", type: "x", content: "16 linkpath=a\u{0}b\n") },
        Row("PAX time that isn't one") { $0.add("p", type: "x", content: "13 mtime=nan\n") },
        Row("PAX record longer than its header") {
            $0.add("p", type: "x", content: "99 path=a\n")
        },
        Row("PAX record without an end") { $0.add("p", type: "x", content: "9 path=abc") },
        Row("PAX record of length zero") { $0.add("p", type: "x", content: "0 path=a\n") },
        Row("uid 4294967295") { $0.add("p", type: "x", content: "18 uid=4294967295\n") },
        Row("uid 4294967296") { $0.add("p", type: "x", content: "18 uid=4294967296\n") },
        Row("global path") { $0.add("g", type: "g", content: "11 path=/x\n") },
        Row("sparse map beyond the file") {
            $0.add("p", type: "x", content: "22 GNU.sparse.size=10\n27 GNU.sparse.map=0,1,9,1000\n")
            $0.add("a", size: Array("00000001751".utf8))
        },
        Row("overlapping sparse map") {
            $0.add("p", type: "x", content: "22 GNU.sparse.size=10\n26 GNU.sparse.map=0,4,2,4\n")
            $0.add("a", content: "12345678")
        },
        Row("link without a target") { $0.add("a", type: "2") },
        Row("data behind one zero block") {
            $0.bytes += [UInt8](repeating: 0, count: 512)
            $0.add("a")
        },
    ]

    @Test(arguments: damaged)
    func damagedFieldsAreRefused(row: Row) throws {
        var archive = row.archive
        // Extended headers act on the entry behind them.
        var entry = RawTar()
        entry.add("entry")
        archive.insert(contentsOf: entry.bytes, at: archive.count - 1024)
        #expect {
            _ = try list(archive)
        } throws: {
            if case TarError.malformed = $0 { true } else { false }
        }
    }

    @Test func aWrongChecksumIsRefused() throws {
        var archive = RawTar()
        archive.add("a")
        archive.bytes[0] = UInt8(ascii: "b")
        #expect(throws: TarError.malformed("wrong header checksum", at: 0)) {
            try list(archive.bytes)
        }
    }

    @Test(arguments: [1, 511, 512, 513, 1024])
    func everyCutIsNoticed(length: Int) throws {
        var archive = RawTar()
        archive.add("a", content: String(repeating: "x", count: 600))
        #expect(throws: TarError.truncated(at: UInt64(length))) {
            try list(Array(archive.bytes.prefix(length)))
        }
    }

    @Test func anExbibyteOfHolesIsRefusedBeforeAnyContent() throws {
        var archive = RawTar()
        let size = RawTar.base256(1 << 60)
        archive.add(
            "bomb",
            type: "S",
            fields: [(386, size), (398, [0x30]), (483, size), (257, Array("ustar  ".utf8))]
        )
        #expect(throws: TarError.overLimit("size of the unpacked files", allowed: 1 << 30)) {
            try list(archive.bytes, limits: TarLimits(expandedBytes: 1 << 30))
        }
    }

    @Test func aLargePAXHeaderIsRefusedUnread() throws {
        var archive = RawTar()
        archive.add("p", type: "x", size: Array("02000000000".utf8))
        #expect(throws: TarError.overLimit("length of a PAX header", allowed: 1 << 20)) {
            try list(archive.bytes)
        }
    }

    @Test func aLongPathIsRefused() throws {
        var archive = RawTar()
        archive.add("l", type: "L", content: String(repeating: "a/", count: 2100))
        archive.add("a")
        #expect(throws: TarError.overLimit("length of a path", allowed: 4096)) {
            try list(archive.bytes)
        }
    }

    @Test func aLongComponentIsRefused() throws {
        var archive = RawTar()
        archive.add("l", type: "L", content: String(repeating: "a", count: 256))
        archive.add("a")
        #expect(throws: TarError.overLimit("length of a file name", allowed: 255)) {
            try list(archive.bytes)
        }
    }

    @Test func tooManyEntriesAreRefused() throws {
        var archive = RawTar()
        for index in 0..<11 { archive.add("\(index)") }
        #expect(throws: TarError.overLimit("number of entries", allowed: 10)) {
            try list(archive.bytes, limits: TarLimits(expandedBytes: 1, entries: 10))
        }
    }

    @Test func anUnknownTypeIsRefused() throws {
        var archive = RawTar()
        archive.add("a\u{1B}[2J", type: "Z")
        #expect(throws: TarError.unsupportedType(90, path: "a\\u{1b}[2J")) {
            try list(archive.bytes)
        }
    }
}
