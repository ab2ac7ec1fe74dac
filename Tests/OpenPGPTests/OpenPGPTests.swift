import Foundation
import TestSupport
import Testing

@testable import OpenPGP

/// Keys and signatures as GnuPG writes them, and what only looks like them.
@Suite struct OpenPGPFiles {
    /// A keyring of the test's own.
    struct Home {
        let scratch: Scratch
        init() throws {
            scratch = try Scratch(mode: 0o700)
            try gpg("--passphrase", "", "--quick-gen-key", "a@example.com", "ed25519", "sign")
        }

        @discardableResult
        func gpg(_ arguments: String...) throws -> String {
            let program = ["/usr/bin/gpg", "-q", "--batch", "--homedir", scratch.path]
            let outcome = try Execution(program + arguments, directory: scratch.path).finished()
            guard outcome.succeeded else { throw ToolFailure(outcome: outcome) }
            return outcome.output
        }

        func bytes(_ name: String) -> [UInt8] {
            Array((try? Data(contentsOf: URL(fileURLWithPath: scratch(name)))) ?? Data())
        }
    }

    @Test func armorAndNoArmorHoldTheSame() throws {
        let home = try Home()
        try home.scratch.write("data", to: "file")
        try home.gpg("-a", "-o", "s.asc", "-b", "file")
        try home.gpg("--dearmor", "-o", "s.sig", "s.asc")
        let signature = try DetachedSignature(parsing: home.bytes("s.asc"))
        #expect(signature.packets == home.bytes("s.sig"))
        #expect(try DetachedSignature(parsing: home.bytes("s.sig")) == signature)
        try home.gpg("-a", "--output", "key.asc", "--export")
        try home.gpg("--output", "key.gpg", "--export")
        let key = try PublicKeys(parsing: home.bytes("key.asc"))
        #expect(key.packets == home.bytes("key.gpg"))
        let twice = try PublicKeys(parsing: home.bytes("key.asc") + home.bytes("key.asc"))
        #expect(twice.packets == key.packets + key.packets)
    }

    @Test func fingerprintsAndIdentitiesAreGnuPGs() throws {
        let home = try Home()
        try home.gpg("--passphrase", "", "--quick-gen-key", "b@example.com", "rsa2048", "sign")
        try home.gpg("-a", "-o", "both", "--export")
        let list = try home.gpg("--with-colons", "--list-keys")
        let lines = list.split(separator: "\n").map { $0.split(separator: ":") }
        let expected = lines.filter { $0[0] == "fpr" }.compactMap { $0.last?.lowercased() }
        let keys = try PublicKeys(parsing: home.bytes("both")).keys
        #expect(keys.map(\.fingerprint.digits) == expected)
        #expect(keys.map(\.identities) == [["a@example.com"], ["b@example.com"]])
        for key in keys {
            #expect(try PublicKeys(parsing: Array(key.armored.utf8)).keys == [key])
        }
        let other = try Home()
        try home.scratch.write(keys[1].armored, to: "again")
        try other.gpg("--import", home.scratch("again"))
    }

    @Test func onlyDetachedSignaturesAreSignatures() throws {
        let home = try Home()
        try home.scratch.write("data", to: "file")
        try home.gpg("-o", "inline", "--sign", "file")
        try home.gpg("-o", "clear", "--clearsign", "file")
        try home.gpg("-o", "text", "--textmode", "-b", "file")
        try home.gpg("-o", "key", "--export")
        for name in ["inline", "clear", "key"] {
            #expect(throws: OpenPGPError.self) { try DetachedSignature(parsing: home.bytes(name)) }
        }
        #expect(throws: OpenPGPError.signatureType(1)) {
            try DetachedSignature(parsing: home.bytes("text"))
        }
        #expect(throws: OpenPGPError.self) { try DetachedSignature(parsing: []) }
        let large = [UInt8](repeating: 0x88, count: DetachedSignature.sizeLimit + 1)
        #expect(throws: OpenPGPError.tooLarge(limit: 1 << 20)) {
            try DetachedSignature(parsing: large)
        }
    }

    @Test func secretAndWeakKeysAreNotTrusted() throws {
        let home = try Home()
        try home.gpg("-o", "secret", "--export-secret-keys")
        #expect(throws: OpenPGPError.secretKey) {
            try PublicKeys(parsing: home.bytes("secret"))
        }
        try home.gpg("--passphrase", "", "--quick-gen-key", "weak@example.com", "rsa1024", "sign")
        try home.gpg("-o", "weak", "--export", "weak@example.com")
        try home.gpg("-o", "both", "--export")
        try home.gpg("-o", "strong", "--export", "a@example.com")
        #expect(throws: OpenPGPError.weak(bits: 1024)) {
            try PublicKeys(parsing: home.bytes("weak"))
        }
        #expect(try PublicKeys(parsing: home.bytes("both")).packets == home.bytes("strong"))
    }

    @Test func damagedFilesAreErrorsAndNeverCrash() throws {
        let home = try Home()
        try home.scratch.write("data", to: "file")
        try home.gpg("-a", "-o", "s.asc", "-b", "file")
        try home.gpg("-o", "key", "--export")
        var generator = SystemRandomNumberGenerator()
        for original in [home.bytes("s.asc"), home.bytes("key")] {
            for _ in 0..<4000 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let index = Int.random(in: bytes.indices, using: &generator)
                    bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
                }
                if Bool.random(using: &generator) {
                    bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
                }
                _ = try? DetachedSignature(parsing: bytes)
                _ = try? PublicKeys(parsing: bytes)
            }
        }
    }

    @Test func damagedArmorIsRefused() throws {
        let home = try Home()
        try home.scratch.write("data", to: "file")
        try home.gpg("-a", "-o", "s.asc", "-b", "file")
        let text = String(decoding: home.bytes("s.asc"), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let end = lines.dropLast(2).joined(separator: "\n")
        #expect(throws: OpenPGPError.armor("it has no end")) {
            try DetachedSignature(parsing: Array(end.utf8))
        }
        let swapped = text.replacingOccurrences(of: "\n=", with: "\n=A")
        #expect(throws: OpenPGPError.self) { try DetachedSignature(parsing: Array(swapped.utf8)) }
    }
}
