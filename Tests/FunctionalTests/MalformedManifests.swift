import Foundation
import TestSupport
import Testing

extension Functional {
    /// Manifests that aren't what they should be: each is refused with what is wrong, and nothing stays.
    @Suite struct MalformedManifests {
        let rkt: Rkt

        init() throws { rkt = try Rkt() }

        private static let digest = "sha256:" + String(repeating: "1", count: 64)
        private static let schema = #""schemaVersion":2"#
        private static let config =
            #""config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(digest)","size":2}"#
        private static let layers = #""layers":[\#(layer("2"))]"#

        private static func layer(_ size: String, digest: String = digest) -> String {
            #"{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"\#(digest)","size":\#(size)}"#
        }

        private static func manifest(_ members: String...) -> String {
            "{" + members.joined(separator: ",") + "}"
        }

        private static let cases: [(String, String)] = [
            ("", "manifest"), ("nothing of the kind", "manifest"), ("null", "manifest"),
            ("[]", "manifest"), (#"{"schemaVersion":2"#, "manifest"),
            (String(repeating: "[", count: 100_000), "manifest"),
            (manifest(schema, schema, config, layers), "schemaVersion"),
            (manifest(schema, config, layers, layers), "layers"),
            (manifest(#""schemaVersion":3"#, config, layers), "schemaVersion"),
            (manifest(config, layers), "schemaVersion"),
            (manifest(schema, config), "layers"),
            (manifest(schema, config, #""layers":null"#), "layers"),
            (manifest(schema, config, #""layers":{}"#), "layers"),
            (manifest(schema, config, #""layers":[null]"#), "layers"),
            (manifest(schema, layers), "config"),
            (manifest(schema, #""config":null"#, layers), "config"),
            (manifest(schema, config, layers, #""manifests":[]"#), "manifests"),
            (manifest(schema, config, #""layers":[\#(layer("-1"))]"#), "size"),
            (manifest(schema, config, #""layers":[\#(layer("1.5"))]"#), "size"),
            (manifest(schema, config, #""layers":[\#(layer("9223372036854775808"))]"#), "size"),
            (manifest(schema, config, #""layers":[\#(layer("\"2\""))]"#), "size"),
            (
                manifest(schema, config, #""layers":[\#(layer("2", digest: "md5:0123"))]"#),
                "not a digest"
            ),
            (
                manifest(schema, config, #""layers":[\#(layer("2", digest: "sha256:12"))]"#),
                "not a digest"
            ),
            (
                manifest(
                    schema,
                    config,
                    #""layers":[\#(layer("2", digest: digest.uppercased()))]"#
                ),
                "not a digest"
            ),
            (
                manifest(
                    schema,
                    config,
                    #""layers":["#
                        + Array(repeating: layer("2"), count: 501).joined(separator: ",") + "]"
                ),
                "more than 500 entries"
            ),
            (
                manifest(schema, config.replacing(#""size":2"#, with: #""size":5000000"#), layers),
                "larger than"
            ),
            (
                manifest(
                    schema,
                    config.replacing("oci.image.config", with: "cncf.helm.config"),
                    layers
                ),
                "is not an image that runs"
            ),
            (manifest(schema, #""mediaType":"text/html""#, config, layers), "is not expected here"),
        ]

        @Test(arguments: cases.indices) func itIsRefused(_ index: Int) throws {
            let (text, words) = Self.cases[index]
            let server = try ScriptedServer { request in
                guard request.path.contains("/manifests/") else {
                    return request.path == "/v2/" ? .init(200, "{}") : .init(404, "")
                }
                return .init(200, text, headers: ["Content-Type": RegistryImage.manifestType])
            }
            let outcome = try rkt(
                "--insecure-options=image,http",
                "fetch",
                "docker://\(server.authority)/a/b:1",
                within: 30
            )
            #expect(outcome.code == 254 && outcome.errors.contains(words), "\(outcome)")
            #expect(rkt.hasEmptyStore)
            #expect(!server.requests.contains { $0.path.contains("/blobs/") })
        }

        /// A layer's kind is what its bytes are, whatever it is called; a length that no disk has room for doesn't come.
        @Test(arguments: [
            ("image.layer.v1.tar", "image.layer.v9.unheard-of", true),
            (#""size":2048}]"#, #""size":9223372036854775807}]"#, false),
        ])
        func whatIsSaidOfItsLayer(_ old: String, _ new: String, _ isTaken: Bool) throws {
            let image = try RegistryImage()
            let server = try ScriptedServer(image) { request, reply in
                guard request.path.contains("/manifests/") else { return }
                let text = String(decoding: reply.body, as: UTF8.self)
                reply.body = Data(text.replacing(old, with: new).utf8)
            }
            let outcome = try rkt(
                "--insecure-options=image,http",
                "fetch",
                "--full",
                "docker://\(server.authority)/a/b:1",
                within: 30
            )
            if isTaken {
                #expect(outcome.text == image.id, "\(outcome)")
            } else {
                #expect(outcome.code == 254 && outcome.errors.contains("bytes"), "\(outcome)")
                #expect(rkt.hasEmptyStore)
            }
        }
    }
}
