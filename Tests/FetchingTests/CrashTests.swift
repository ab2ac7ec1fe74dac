import Foundation
import Linux
import TestSupport
import Testing

@testable import ImageStorage

/// A fetcher killed anywhere leaves nothing visible that is incomplete, and nothing that stays.
@Suite struct CrashTests {
    private static let files = 400

    @Test func killedImportLeavesAWorkingStore() throws {
        let fetch = try Fetch()
        var archive = TarArchive()
        for number in 0..<Self.files { archive.add("file\(number)", text: "\(number)") }
        let layout = try OCIImage(layers: [archive]).write(in: fetch.scratch)
        let tar = fetch.scratch("image.tar")
        try tool("skopeo", "--insecure-policy", "copy", "-q", layout, "oci-archive:\(tar):t")
        let whole = try duration(of: fetch, tar)
        var random = SeededGenerator(seed: 50)
        for _ in 0..<50 {
            let running = try fetch.start(.ociArchive, tar)
            usleep(UInt32.random(in: 0...whole, using: &random))
            kill(running.child.pid, SIGKILL)
            _ = try running.result(of: fetch.request(.ociArchive, tar)) { _ in }
            try checkVisible(fetch)
            if let image = try fetch.store().list().first { try fetch.remove(image) }
        }
        let image = try fetch("oci-archive:\(tar)")
        try checkVisible(fetch)
        try fetch.remove(image)
        _ = try fetch.store().collectGarbage(unusedFor: .zero)
        #expect(fetch.leftovers.isEmpty)
        #expect(fetch.scratch.list("data/images/layers").isEmpty)
        #expect(fetch.scratch.list("data/images/blobs/sha256").isEmpty)
    }

    /// Microseconds that an undisturbed import takes.
    private func duration(of fetch: Fetch, _ tar: String) throws -> UInt32 {
        let start = Date()
        let image = try fetch("oci-archive:\(tar)")
        let whole = UInt32(Date().timeIntervalSince(start) * 1_000_000)
        try fetch.remove(image)
        return whole
    }

    private func checkVisible(_ fetch: Fetch) throws {
        for layer in fetch.scratch.list("data/images/layers") where !layer.hasSuffix(".note") {
            #expect(fetch.scratch.list("data/images/layers/\(layer)").count == Self.files)
        }
        for image in try fetch.store().list() {
            #expect(fetch.file("file1", of: image) == "1")
            for blob in image.blobs { #expect(try !fetch.blob(blob).isEmpty) }
        }
    }
}
