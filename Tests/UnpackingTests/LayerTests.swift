import Foundation
import Linux
import OCI
import TestSupport
import Testing
import Unpacking

@Suite struct LayerTests {
    @Test(arguments: ["cat", "gzip", "bzip2", "xz", "zstd -q"])
    func everyCompressionGivesTheSameTreeAndDigests(packing: String) throws {
        let layer = tar {
            $0.add("bin/", .directory)
            $0.add("bin/tool", contents: Data(repeating: 5, count: 700_000), mode: 0o4755)
            $0.add("lib", .symbolicLink, link: "usr/lib")
        }
        let destination = try Destination()
        let unpacked = try destination.unpack(layer: layer, packing: packing)
        #expect(
            try destination.listing("%m %U:%G %y %P %l\\n") == [
                "4755 0:0 f bin/tool", "755 0:0 d bin", "777 0:0 l lib usr/lib",
            ]
        )
        #expect(try tool("stat", "-c", "%s", "\(destination.path)/bin/tool") == "700000")
        #expect(unpacked.entries == 3)
        #expect(unpacked.size == 700_000)
        let sums = try ["plain", "blob"].map {
            "sha256:" + (try tool("sha256sum", destination.scratch($0)).prefix(64))
        }
        #expect([unpacked.diffID.description, unpacked.digest.description] == sums)
    }

    @Test func whatGNUTarPacksIsTheSameAgain() throws {
        let source = try Scratch()
        try source.write("text", to: "d/e/file")
        for command in [
            "cd d && ln e/file hard && ln -s ../nowhere soft && mkfifo -m 600 pipe",
            "cd d && cp e/file set && chown 1000:1001 set && chmod 6711 set && chmod 1777 e",
            "cd d && truncate -s 3M sparse && echo x >> sparse && chown -h 7:8 soft",
            "find d -exec touch -h -d '2001-02-03 04:05:06.7' {} +",
        ] {
            try tool("sh", "-c", "cd \(source.path) && \(command)")
        }
        let pack = "tar --xattrs --sparse --format=pax -C \(source("d")) -c ."
        try tool("sh", "-c", "\(pack) > \(source("tar"))")
        let destination = try Destination()
        try destination.unpack(layer: try Data(contentsOf: URL(fileURLWithPath: source("tar"))))
        let format = "%m %U:%G %y %P %l %n %T@ %b\\n"
        let original = try tool("find", source("d"), "-mindepth", "1", "-printf", format)
        #expect(
            try destination.listing(format)
                == original.split(separator: "\n").map {
                    $0.trimmingCharacters(in: .whitespaces)
                }.sorted()
        )
        #expect(try tool("cmp", source("d/sparse"), "\(destination.path)/sparse").isEmpty)
    }

    @Test func entriesGoThroughLinksThatTheLayerMade() throws {
        let destination = try Destination()
        try destination.unpack(
            layer: tar {
                $0.add("usr/lib/", .directory)
                $0.add("lib", .symbolicLink, link: "usr/lib")
                $0.add("lib/a", text: "a")
                $0.add("absolute", .symbolicLink, link: "/usr/lib")
                $0.add("absolute/b/c", text: "c")
                $0.add("hard", .hardLink, link: "lib/a")
            }
        )
        #expect(destination.scratch.list("tree/usr/lib") == ["a", "b"])
        #expect(destination.scratch.read("tree/usr/lib/b/c") == "c")
        #expect(destination.scratch.read("tree/hard") == "a")
    }

    @Test func whiteoutsBecomeWhatOverlayfsReads() throws {
        let destination = try Destination()
        let unpacked = try destination.unpack(
            layer: tar {
                $0.add("d/.wh.gone", text: "")
                $0.add("d/.wh..wh..opq", text: "")
                $0.add("e/.wh.f", text: "")
                $0.add("e/f/new", text: "")
                $0.add("g/", .directory)
                $0.add(".wh.g", text: "")
                $0.add(".wh.h", text: "")
                $0.add("h", text: "h")
            }
        )
        let kinds = try destination.listing("%y %P\\n")
        #expect(kinds == ["c d/gone", "d d", "d e", "d e/f", "d g", "f e/f/new", "f h"])
        for directory in ["d", "e/f", "g"] {
            let attributes = try extendedAttributes(of: "\(destination.path)/\(directory)")
            #expect(attributes == "user.overlay.opaque=y")
        }
        #expect(!unpacked.hidesLowerLayers)
    }

    @Test func overlayfsHidesWhatALayerTakesBack() throws {
        let lower = try Destination()
        try lower.unpack(
            layer: tar {
                for name in ["gone", "kept", "opaque/old", "again/old", "d/gone"] {
                    $0.add(name, text: "lower")
                }
            }
        )
        let upper = try Destination()
        try upper.unpack(
            layer: tar {
                $0.add(".wh.gone", text: "")
                $0.add("opaque/.wh..wh..opq", text: "")
                $0.add("opaque/new", text: "upper")
                $0.add(".wh.again", text: "")
                $0.add("again/new", text: "upper")
                $0.add("d/.wh.gone", text: "")
            }
        )
        let merged = try upper.scratch.makeDirectory("merged")
        let mount = "mount -t overlay -o userxattr,lowerdir=\(upper.path):\(lower.path) x \(merged)"
        let files = try tool(
            "unshare",
            "-m",
            "sh",
            "-c",
            "\(mount) && cd \(merged) && find . -type f | sort"
        )
        #expect(files.split(separator: "\n") == ["./again/new", "./kept", "./opaque/new"])
    }

    @Test func anOpaqueRootIsReported() throws {
        let destination = try Destination()
        let unpacked = try destination.unpack(layer: tar { $0.add(".wh..wh..opq", text: "") })
        #expect(unpacked.hidesLowerLayers)
        #expect(destination.scratch.list("tree").isEmpty)
    }

    @Test func laterEntriesWinAndDirectoriesMerge() throws {
        let destination = try Destination()
        try destination.unpack(
            layer: tar {
                $0.add("a", text: "first")
                $0.add("b", .hardLink, link: "a")
                $0.add("a", text: "second")
                $0.add("d/x", text: "x")
                $0.add("d/", .directory, mode: 0o700, owner: (5, 6))
                $0.add("empty/", .directory)
                $0.add("empty", .symbolicLink, link: "d")
            }
        )
        #expect(destination.scratch.read("tree/a") == "second")
        #expect(destination.scratch.read("tree/b") == "first")
        let listing = try destination.listing("%m %U:%G %y %P\\n")
        #expect(listing.contains { $0.hasPrefix("700 ") && $0.hasSuffix(" d d") })
        #expect(listing.contains("777 0:0 l empty"))
    }

    @Test func devicesAreLeftOutWithAWarning() throws {
        let destination = try Destination()
        let unpacked = try destination.unpack(
            layer: tar {
                $0.add("disk", .blockDevice, device: (8, 0))
                $0.add("null", .characterDevice, device: (1, 3))
                $0.add("pipe", .fifo, mode: 0o620)
            }
        )
        #expect(try destination.listing("%m %y %P\\n") == ["620 p pipe"])
        #expect(unpacked.warnings.count == 2)
    }

    @Test(arguments: [
        ("user.comment", true), ("user.overlay.redirect", false), ("user.overlay.opaque", false),
        ("trusted.overlay.redirect", false), ("security.selinux", false),
        ("system.posix_acl_access", false), ("security.capability", false),
    ])
    func onlyHarmlessAttributesAreKept(name: String, kept: Bool) throws {
        let destination = try Destination()
        let unpacked = try destination.unpack(
            layer: tar {
                $0.addExtended([("SCHILY.xattr.\(name)", "/value")])
                $0.add("file", text: "x")
            }
        )
        let found = try extendedAttributes(of: "\(destination.path)/file")
        #expect(found == (kept ? "\(name)=/value" : ""))
        #expect(unpacked.warnings.isEmpty == kept)
    }

    @Test func wrongDigestsAreRefusedAndLeaveNothing() throws {
        let layer = tar { $0.add("a", text: "a") }
        let wrong = try Digest(.sha256, hex: String(repeating: "0", count: 64))
        for (digest, diffID) in [(wrong, nil), (nil, wrong)] as [(Digest?, Digest?)] {
            let destination = try Destination()
            #expect(throws: UnpackError.self) {
                try destination.unpack(
                    layer: layer,
                    packing: "gzip",
                    digest: digest,
                    diffID: diffID
                )
            }
            #expect(destination.isUntouched())
        }
    }

    @Test(arguments: [
        "(gzip | head -c -1)", "(gzip; echo garbage)", "(gzip | head -c 100)",
        "tr -d '\\0'", "head -c 700",
    ])
    func damagedBlobsAreRefusedAndLeaveNothing(packing: String) throws {
        let destination = try Destination()
        let layer = tar {
            $0.add("a", contents: Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }))
        }
        #expect(throws: UnpackError.self) {
            try destination.unpack(layer: layer, packing: packing)
        }
        #expect(destination.isUntouched())
    }

    @Test func aGzipBombEndsAtTheBudget() throws {
        let destination = try Destination()
        let layer = tar { $0.add("zeros", contents: Data(count: 8 << 20)) }
        let options = UnpackOptions(expandedBytes: 1 << 20)
        #expect(throws: UnpackError.self) {
            try destination.unpack(layer: layer, packing: "gzip", options: options)
        }
        #expect(destination.isUntouched())
    }

    @Test func ownersCanStayUnchanged() throws {
        let destination = try Destination()
        try destination.unpack(
            layer: tar { $0.add("a", contents: Data(), owner: (1000, 1000)) },
            options: UnpackOptions(owners: .unchanged)
        )
        #expect(try destination.listing("%U:%G %P\\n") == ["0:0 a"])
    }

    @Test func aLayerCanLieInsideAnotherFile() throws {
        let destination = try Destination()
        let layer = tar { $0.add("a", text: "a") }
        try destination.scratch.write(Data(count: 1000) + layer + Data(count: 99), to: "blob")
        let file = try Directory(path: destination.scratch.path).open("blob")
        let source = try BlobSource(file, offset: 1000, length: UInt64(layer.count))
        let unpacked = try LayerUnpacker().unpack(
            source,
            into: try Directory(path: destination.path)
        )
        #expect(destination.scratch.read("tree/a") == "a")
        #expect(unpacked.digest == unpacked.diffID)
    }

    /// `NAME=VALUE` lines.
    private func extendedAttributes(of path: String) throws -> String {
        let script = """
            import os,sys
            for n in sorted(os.listxattr(sys.argv[1])): print(n, os.getxattr(sys.argv[1], n).decode(), sep='=')
            """
        return try tool("python3", "-c", script, path)
    }
}
