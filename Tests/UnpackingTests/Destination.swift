import Foundation
import Linux
import OCI
import TestSupport
import Testing
import Unpacking

/// A directory to unpack into, with a canary beside it that must stay as it is.
final class Destination {
    let scratch: Scratch
    let path: String

    init(in scratch: Scratch? = nil) throws {
        let scratch = try scratch ?? Scratch()
        self.scratch = scratch
        path = try scratch.makeDirectory("tree")
        try scratch.write("secret", to: "canary/file", mode: 0o600)
    }

    /// Unpacks a layer; `packing` is a tool that compresses it first.
    @discardableResult
    func unpack(
        layer: Data,
        packing: String = "cat",
        options: UnpackOptions = UnpackOptions(),
        digest: Digest? = nil,
        diffID: Digest? = nil
    ) throws -> UnpackedLayer {
        try scratch.write(layer, to: "plain")
        try tool("sh", "-c", "\(packing) < \(scratch("plain")) > \(scratch("blob"))")
        return try LayerUnpacker(options).unpack(
            try source(),
            into: try Directory(path: path),
            expectedDigest: digest,
            expectedDiffID: diffID
        )
    }

    /// Unpacks an ACI.
    @discardableResult
    func unpack(aci: Data) throws -> UnpackedACI {
        try scratch.write(aci, to: "blob")
        return try LayerUnpacker().unpackACI(try source(), into: try Directory(path: path))
    }

    func source() throws -> BlobSource {
        try BlobSource(try Directory(path: scratch.path).open("blob"))
    }

    /// One line a file in the notation of `find -printf`, sorted.
    func listing(_ format: String) throws -> [String] {
        try tool("find", path, "-mindepth", "1", "-printf", format)
            .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.sorted()
    }

    /// Nothing was written, neither into the tree nor beside it.
    func isUntouched() -> Bool {
        scratch.list("tree").isEmpty && canaryIsUntouched()
    }

    /// Nothing was written beside the tree.
    func canaryIsUntouched() -> Bool {
        let mode = try? tool("stat", "-c", "%a %h", scratch("canary/file"))
        return scratch.list("canary") == ["file"] && scratch.read("canary/file") == "secret"
            && mode?.trimmingCharacters(in: .newlines) == "600 1"
            && scratch.list().allSatisfy { ["blob", "canary", "plain", "tree"].contains($0) }
    }
}

/// An archive made in place.
func tar(_ make: (inout TarArchive) -> Void) -> Data {
    var archive = TarArchive()
    make(&archive)
    return archive.data
}
