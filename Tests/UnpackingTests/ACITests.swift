import Foundation
import Linux
import OCI
import TestSupport
import Testing
import Unpacking

@Suite struct ACITests {
    private static let manifest = "{\"acKind\":\"ImageManifest\"}"

    @Test func theManifestComesBackAndRootfsIsUnpacked() throws {
        let destination = try Destination()
        let unpacked = try destination.unpack(
            aci: tar {
                $0.add("./", .directory)
                $0.add("rootfs/", .directory)
                $0.add("./rootfs/.wh.name", text: "kept")
                $0.add("rootfs/hard", .hardLink, link: "rootfs/.wh.name")
                $0.add("manifest", text: Self.manifest)
            }
        )
        #expect(String(decoding: unpacked.manifest, as: UTF8.self) == Self.manifest)
        #expect(destination.scratch.list("tree") == [".wh.name", "hard"])
        let sum = try tool("sha512sum", destination.scratch("blob")).prefix(128)
        #expect(unpacked.digest.hex == sum)
    }

    static let refused: [HostileLayerTests.Row] = [
        .init("the manifest is a symbolic link") {
            $0.add("manifest", .symbolicLink, link: "/etc/passwd")
            $0.add("rootfs/", .directory)
        },
        .init("the manifest is a hard link") {
            $0.add("rootfs/a", text: manifest)
            $0.add("manifest", .hardLink, link: "rootfs/a")
        },
        .init("two manifests") {
            $0.add("manifest", text: manifest)
            $0.add("rootfs/", .directory)
            $0.add("./manifest", text: manifest)
        },
        .init("no manifest") { $0.add("rootfs/", .directory) },
        .init("no rootfs") { $0.add("manifest", text: manifest) },
        .init("an absolute name") {
            $0.add("/manifest", text: manifest)
            $0.add("rootfs/", .directory)
        },
        .init("rootfs is a link") {
            $0.add("manifest", text: manifest)
            $0.add("rootfs", .symbolicLink, link: "/etc")
            $0.add("rootfs/passwd", text: "")
        },
        .init("something beside them") {
            $0.add("manifest", text: manifest)
            $0.add("rootfs/", .directory)
            $0.add("rootfs2/a", text: "")
        },
        .init("a hard link from the tree to the manifest") {
            $0.add("manifest", text: manifest)
            $0.add("rootfs/a", .hardLink, link: "manifest")
        },
        .init("a manifest below rootfs/..") {
            $0.add("manifest", text: manifest)
            $0.add("rootfs/../manifest", text: manifest)
        },
        .init("a manifest of 60 MB") {
            $0.add("manifest", contents: Data(count: 60 << 20))
            $0.add("rootfs/", .directory)
        },
        .init("a manifest of holes only") {
            $0.add("manifest", .sparse, sparse: 1 << 40)
            $0.add("rootfs/", .directory)
        },
    ]

    @Test(arguments: refused)
    func isRefusedAndLeavesNothing(row: HostileLayerTests.Row) throws {
        let destination = try Destination()
        #expect(throws: UnpackError.self) { try destination.unpack(aci: row.layer) }
        #expect(destination.isUntouched())
    }

    @Test func theUncompressedTarIsWrittenInTheSamePass() throws {
        let destination = try Destination()
        let aci = tar {
            $0.add("manifest", text: Self.manifest)
            $0.add("rootfs/", .directory)
        }
        try destination.scratch.write(aci, to: "plain")
        try tool(
            "sh",
            "-c",
            "xz < \(destination.scratch("plain")) > \(destination.scratch("blob"))"
        )
        let beside = try Directory(path: destination.scratch.path)
        let copy = try beside.open("copy", [.writeOnly, .create, .exclusive])
        _ = try LayerUnpacker().unpackACI(
            try destination.source(),
            into: try Directory(path: destination.path),
            keeping: try TarCopy(copy)
        )
        #expect(destination.scratch.read("copy") == destination.scratch.read("plain"))
    }
}
