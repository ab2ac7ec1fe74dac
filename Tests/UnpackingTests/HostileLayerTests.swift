import Foundation
import Linux
import TestSupport
import Testing
import Unpacking

/// The rows of the image-tool advisories that concern archives: nothing outside the tree changes, nothing stays in it.
@Suite struct HostileLayerTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let name: String
        let layer: Data
        var testDescription: String { name }

        init(_ name: String, _ make: (inout TarArchive) -> Void) {
            self.name = name
            layer = tar(make)
        }
    }

    static let refused: [Row] = [
        Row("path with .. (docker 2014-6407, podman 2020-10696, apple 2026-20613)") {
            $0.add("../canary/file", text: "x")
        },
        Row("path with .. in the middle") { $0.add("a/../../canary/file", text: "x") },
        Row("PAX path with ..") {
            $0.addExtended([("path", "../canary/new")])
            $0.add("a", text: "x")
        },
        Row("GNU long name with ..") {
            $0.add("././@LongLink", .longName, contents: Data("../canary/new\0".utf8))
            $0.add("a", text: "x")
        },
        Row("hard link to a file outside") {
            $0.add("link", .hardLink, link: "../canary/file")
            $0.add("link", text: "x")
        },
        Row("hard link to an absolute path") { $0.add("link", .hardLink, link: "/etc/passwd") },
        Row("hard link through a symbolic link out of the tree") {
            $0.add("out", .symbolicLink, link: "../canary")
            $0.add("link", .hardLink, link: "out/file")
        },
        Row("hard link to a directory") {
            $0.add("d/", .directory)
            $0.add("link", .hardLink, link: "d")
        },
        Row("hard link to a whiteout") {
            $0.add(".wh.a", text: "")
            $0.add("link", .hardLink, link: "a")
        },
        Row("the root is a symbolic link (umoci 2021-29136)") {
            $0.add(".", .symbolicLink, link: "/etc")
        },
        Row("the root is a file") { $0.add("./", text: "x") },
        Row("overlay whiteout as a device 0:0") { $0.add("w", .characterDevice) },
        Row("whiteout of ..") { $0.add("d/.wh...", text: "") },
        Row("whiteout of .") { $0.add("d/.wh..", text: "") },
        Row("whiteout of nothing") { $0.add(".wh.", text: "") },
        Row("whiteout of a whiteout") { $0.add(".wh..wh.plnk", text: "") },
        Row("whiteout as a directory") { $0.add(".wh.a/b", text: "") },
        Row("file in the place of a directory with entries") {
            $0.add("d/a", text: "")
            $0.add("d", text: "")
        },
        Row("file below a file") {
            $0.add("f", text: "")
            $0.add("f/a", text: "")
        },
        Row("uid beyond 32 bits") {
            $0.addExtended([("uid", "4294967296")])
            $0.add("a", text: "x")
        },
    ]

    @Test(arguments: refused)
    func isRefusedAndLeavesNothing(row: Row) throws {
        let destination = try Destination()
        #expect(throws: UnpackError.self) { try destination.unpack(layer: row.layer) }
        #expect(destination.isUntouched())
    }

    /// These are honest enough to be unpacked, but stay inside: the tree is the root for every link.
    @Test func absoluteNamesAreTakenAsRelative() throws {
        let destination = try Destination()
        try destination.unpack(layer: tar { $0.add("/canary/file", text: "x") })
        #expect(destination.canaryIsUntouched())
        #expect(destination.scratch.read("tree/canary/file") == "x")
    }

    @Test(arguments: ["../canary", "/canary", "../../../../../../canary", "/../canary"])
    func aParentThatIsALinkOutwardsStaysInside(target: String) throws {
        let destination = try Destination()
        try destination.unpack(
            layer: tar {
                $0.add("canary/", .directory)
                $0.add("out", .symbolicLink, link: target)
                $0.add("out/file", text: "x")
            }
        )
        #expect(destination.canaryIsUntouched())
        #expect(destination.scratch.read("tree/canary/file") == "x")
    }

    @Test func aLinkIsReplacedAndNeverWrittenThrough() throws {
        let destination = try Destination()
        let file = destination.scratch("canary/file")
        try destination.unpack(
            layer: tar {
                $0.add("a", .symbolicLink, link: file)
                $0.add("a", text: "x", mode: 0o4777)
                $0.add("b", .symbolicLink, link: destination.scratch("canary"))
                $0.add("b/", .directory, mode: 0o777)
                $0.add("b/file", text: "x", mode: 0o777)
            }
        )
        #expect(destination.canaryIsUntouched())
        #expect(try destination.listing("%m %y %P\\n") == ["4777 f a", "777 d b", "777 f b/file"])
    }

    @Test func aLinkIsNotFollowedForModeOwnerAndTime() throws {
        let destination = try Destination()
        let before = try tool("stat", "-c", "%a %u %Y", destination.scratch("canary/file"))
        try destination.unpack(
            layer: tar {
                $0.add(
                    "a",
                    .symbolicLink,
                    link: destination.scratch("canary/file"),
                    mode: 0o4777,
                    owner: (1000, 1000)
                )
            }
        )
        let after = try tool("stat", "-c", "%a %u %Y", destination.scratch("canary/file"))
        #expect(after == before)
    }

    @Test func anExbibyteOfHolesWritesNothing() throws {
        let disk = try SmallFileSystem(megabytes: 16)
        let before = try disk.used()
        let scratch = try Scratch()
        try scratch.write(
            tar {
                $0.add("small", text: "x")
                $0.add("bomb", .sparse, sparse: 1 << 60)
            },
            to: "blob"
        )
        try tool("mkdir", "\(disk.path)/tree")
        #expect(throws: UnpackError.self) { try unpack(scratch, into: "\(disk.path)/tree") }
        #expect(File.list("\(disk.path)/tree").isEmpty)
        #expect(try disk.used() - before < 64 << 10)
    }

    @Test func mutatedLayersNeverLeaveTheTree() throws {
        let destination = try Destination()
        let layer = tar {
            $0.add("d/", .directory)
            $0.add("d/file", text: "text", mode: 0o4755)
            $0.add("d/link", .symbolicLink, link: "../../canary")
            $0.add("d/link/x", text: "x")
            $0.add("d/hard", .hardLink, link: "d/file")
            $0.add("d/.wh.gone", text: "")
            $0.addExtended([("path", "d/long"), ("SCHILY.xattr.user.a", "b")])
            $0.add("x", text: "x")
        }
        var random = SeededGenerator(seed: 3)
        for _ in 0..<300 {
            let bytes = mutated(Array(layer), using: &random)
            try destination.scratch.write(Data(bytes), to: "blob")
            _ = try? unpack(destination.scratch, into: destination.path)
            try tool("find", destination.path, "-mindepth", "1", "-delete")
        }
        #expect(destination.canaryIsUntouched())
    }
}

private func unpack(_ scratch: Scratch, into path: String) throws -> UnpackedLayer {
    let source = try BlobSource(try Directory(path: scratch.path).open("blob"))
    return try LayerUnpacker().unpack(source, into: try Directory(path: path))
}
