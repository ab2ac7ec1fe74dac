import OCI
import Testing

struct DigestTests {
    @Test
    func digestIsAPathOnceItPassedTheGrammar() throws {
        let hex = String(repeating: "0a", count: 32)
        let digest = try Digest("sha256:\(hex)")
        #expect(digest.layoutPath == "blobs/sha256/\(hex)")
        #expect(try Digest(.sha512, hex: hex + hex).description == "sha512:\(hex)\(hex)")
        #expect(Digest(.sha256, sum: [UInt8](repeating: 10, count: 32)) == digest)
        #expect(Digest(.sha256, sum: [UInt8](repeating: 10, count: 31)) == nil)
    }

    /// R9: the grammar is checked before a digest becomes a path.
    @Test(arguments: [
        "", ":", "sha256", "sha256:", "sha256:ab", "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "SHA256:\(String(repeating: "a", count: 64))",
        "sha256:\(String(repeating: "A", count: 64))",
        "sha256:\(String(repeating: "a", count: 63))",
        "sha256:\(String(repeating: "a", count: 65))",
        "sha512:\(String(repeating: "a", count: 64))",
        "sha256:../../../../../../../../../../../../../../../../../../../../etc/passw",
        "sha256+b64u:\(String(repeating: "a", count: 64))",
        "sha256:\(String(repeating: "a", count: 64)) ",
        "sha256:\(String(repeating: "ａ", count: 64))",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: OCIError.digest(text)) { try Digest(text) }
    }
}
