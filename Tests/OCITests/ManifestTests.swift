import JSON
import OCI
import TestSupport
import Testing

let sum = String(repeating: "a", count: 64)

struct ManifestTests {
    static let image = """
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
        "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:\(sum)","size":7},
        "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+zstd","digest":"sha256:\(sum)","size":9,
        "urls":["http://x"],"annotations":{"a":"b"}}]}
        """

    @Test
    func manifestIsRead() throws {
        let manifest = try Manifest(parsing: Array(Self.image.utf8))
        #expect(manifest.layers.map(\.mediaType) == [.layer(.zstd)])
        #expect(manifest.layers.map(\.size) == [9])
        #expect(manifest.configuration.digest.hex == sum)
    }

    @Test
    func dockerManifestIsRead() throws {
        let text = Self.image
            .replacing("vnd.oci.image.manifest.v1", with: "vnd.docker.distribution.manifest.v2")
            .replacing("vnd.oci.image.config.v1", with: "vnd.docker.container.image.v1")
            .replacing(
                "vnd.oci.image.layer.v1.tar+zstd",
                with: "vnd.docker.image.rootfs.diff.tar.gzip"
            )
        let manifest = try Manifest(parsing: Array(text.utf8))
        #expect(manifest.mediaType == .dockerManifest)
        #expect(manifest.layers.map(\.mediaType) == [.layer(.gzip)])
    }

    /// Each row replaces one text in the valid manifest.
    @Test(arguments: [
        ("\"schemaVersion\":2", "\"schemaVersion\":1"), ("\"schemaVersion\":2,", ""),
        ("\"schemaVersion\":2", "\"schemaVersion\":2,\"manifests\":[]"),
        ("\"schemaVersion\":2", "\"schemaVersion\":2,\"fsLayers\":[]"),
        ("image.manifest.v1", "image.index.v1"), ("image.config.v1", "empty.v1"),
        ("\"size\":7", "\"size\":-1"),
        ("\"size\":7", "\"size\":\"7\""), ("\"size\":7", "\"size\":7.0"),
        ("\"size\":7", "\"size\":5000000"),
        ("\"size\":9", "\"size\":9223372036854775808"),
        ("\"digest\":\"sha256:a", "\"digest\":\"sha256:A"),
        ("\"size\":9", "\"size\":9,\"Size\":10"), ("\"layers\"", "\"lairs\""),
    ])
    func wrongManifestIsRefused(part: String, replacement: String) {
        let text = Self.image.replacing(part, with: replacement)
        #expect(text != Self.image)
        #expect(throws: OCIError.self) { try Manifest(parsing: Array(text.utf8)) }
    }

    @Test
    func schemaOneIsNamed() {
        let error = #expect(throws: OCIError.self) {
            try Manifest(parsing: Array(#"{"schemaVersion":1,"fsLayers":[]}"#.utf8))
        }
        #expect(error?.description.contains("schema version 1") == true)
    }

    @Test
    func layersBeyondTheLimitAreRefused() {
        let layer = "{\"mediaType\":\"x\",\"digest\":\"sha256:\(sum)\",\"size\":1}"
        for (count, isAccepted) in [(500, true), (501, false)] {
            let list = Array(repeating: layer, count: count).joined(separator: ",")
            let text = """
                {"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json",\
                "digest":"sha256:\(sum)","size":7},"layers":[\(list)]}
                """
            #expect(((try? Manifest(parsing: Array(text.utf8))) != nil) == isAccepted)
        }
    }

    /// R9: one digest must not mean a manifest to one reader and an index to another.
    @Test
    func blobMustBeWhatItsDescriptorSays() throws {
        let bytes = Array(Self.image.utf8)
        let digest = try Digest("sha256:\(sum)")
        for (type, isAccepted) in [
            (MediaType.manifest, true), (.index, false), (.dockerManifest, false),
        ] {
            let descriptor = ContentDescriptor(mediaType: type, digest: digest, size: 1)
            #expect(((try? ImageDocument(parsing: bytes, of: descriptor)) != nil) == isAccepted)
        }
    }

    @Test
    func mutatedDocumentsNeitherTrapNorHang() {
        var random = SeededGenerator(seed: 5)
        for seed in [Self.image, ImageConfigurationTests.complete, IndexTests.multiPlatform] {
            for _ in 0..<4000 {
                let bytes = mutated(Array(seed.utf8), using: &random)
                _ = try? ImageDocument(parsing: bytes)
                _ = try? (try? Index(parsing: bytes))?.choice(tagged: nil, for: .host)
                _ = try? DockerArchive(parsing: [0x5B] + bytes + [0x5D])
                _ = (try? ImageConfiguration(parsing: bytes))?.execution.stopSignalNumber
            }
        }
    }
}
