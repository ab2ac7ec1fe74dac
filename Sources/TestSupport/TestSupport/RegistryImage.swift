package import Foundation

/// An image of one layer with the documents that a registry has of it, and what an honest registry answers.
package struct RegistryImage: Sendable {
    /// The type of its manifest.
    package static let manifestType = "application/vnd.oci.image.manifest.v1+json"
    /// The type of a list of images.
    package static let indexType = "application/vnd.oci.image.index.v1+json"

    /// The manifest, byte for byte.
    package let manifest: Data
    /// The digest of the manifest, without its algorithm.
    package let manifestDigest: String
    /// The layer's blob.
    package let layer: Data
    private let blobs: [String: Data]
    private let configurationDigest: String

    /// What rkt calls the image.
    package var id: String { "sha256-\(configurationDigest)" }

    /// An image whose layer has a file with a text, and if that is asked for so many bytes that nothing makes smaller.
    package init(_ text: String = "x", noise: Int = 0, platform: String = "linux/amd64") throws {
        var archive = TarArchive()
        archive.add("file", text: text)
        if noise > 0 { archive.add("noise", contents: try Self.noise(noise)) }
        layer = archive.data
        let layerDigest = try Self.digest(layer)
        let parts = platform.split(separator: "/").map(String.init)
        let variant = parts.count > 2 ? #""variant":"\#(parts[2])","# : ""
        let configuration = Data(
            #"{"architecture":"\#(parts[1])","os":"\#(parts[0])",\#(variant)"config":{"Cmd":["/x"]},"rootfs":{"type":"layers","diff_ids":["sha256:\#(layerDigest)"]}}"#
                .utf8
        )
        configurationDigest = try Self.digest(configuration)
        manifest = Data(
            #"{"schemaVersion":2,"mediaType":"\#(Self.manifestType)","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:\#(configurationDigest)","size":\#(configuration.count)},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:\#(layerDigest)","size":\#(layer.count)}]}"#
                .utf8
        )
        manifestDigest = try Self.digest(manifest)
        blobs = [layerDigest: layer, configurationDigest: configuration]
    }

    /// The entry of an index for it.
    package func entry(for platform: String? = nil) -> String {
        let parts = platform?.split(separator: "/").map(String.init) ?? []
        let variant = parts.count > 2 ? #","variant":"\#(parts[2])""# : ""
        let member =
            platform == nil
            ? "" : #","platform":{"os":"\#(parts[0])","architecture":"\#(parts[1])"\#(variant)}"#
        return
            #"{"mediaType":"\#(Self.manifestType)","digest":"sha256:\#(manifestDigest)","size":\#(manifest.count)\#(member)}"#
    }

    /// A list of images.
    package static func index(_ entries: [String]) -> Data {
        Data(
            #"{"schemaVersion":2,"mediaType":"\#(indexType)","manifests":[\#(entries.joined(separator: ","))]}"#
                .utf8
        )
    }

    /// Whether a request is for the layer.
    package func isLayer(_ request: ScriptedServer.Request) -> Bool {
        request.path.contains("/blobs/") && !request.path.hasSuffix(configurationDigest)
    }

    /// What a registry answers that has the image under every tag.
    package func answer(to request: ScriptedServer.Request) -> ScriptedServer.Reply {
        if request.path == "/v2/" { return .init(200, "{}") }
        if request.path.contains("/manifests/") {
            return .init(200, manifest, headers: ["Content-Type": Self.manifestType])
        }
        if let blob = blobs.first(where: { request.path.hasSuffix($0.key) }) {
            return .file(blob.value, to: request)
        }
        return .init(404, "")
    }

    /// The SHA-256 of bytes in hexadecimal.
    package static func digest(_ data: Data) throws -> String {
        let scratch = try Scratch()
        return String(try tool("sha256sum", try scratch.write(data, to: "bytes")).prefix(64))
    }

    private static func noise(_ count: Int) throws -> Data {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/dev/urandom"))
        return try file.read(upToCount: count) ?? Data()
    }
}

extension ScriptedServer {
    /// A registry with one image, whose answers a test changes.
    package convenience init(
        _ image: RegistryImage,
        _ change: @escaping @Sendable (Request, inout Reply) -> Void = { _, _ in }
    ) throws {
        try self.init { request in
            var reply = image.answer(to: request)
            if request.path != "/v2/" { change(request, &reply) }
            return reply
        }
    }
}
