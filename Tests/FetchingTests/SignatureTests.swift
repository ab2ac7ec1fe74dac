import Foundation
import OpenPGP
import TestSupport
import Testing

@testable import ImageStorage
@testable import Trust

/// Signed ACIs from disk, imported by the real `rkt-fetcher` and checked by the real `gpgv`.
@Suite struct Signatures {
    let fetch: Fetch
    let keys: KeyRing
    let aci: String
    static let name = "example.com/team/app"
    static let signer = "A Signer <signer@example.com>"

    init() throws {
        fetch = try Fetch()
        keys = try KeyRing()
        var archive = TarArchive()
        archive.add("rootfs/", .directory)
        archive.add("rootfs/etc/motd", contents: Data("hello".utf8))
        aci = try ACI(Self.name, archive: archive).write(in: fetch.scratch, as: "app.aci", .gzip)
        try keys.makeKey(Self.signer)
    }

    /// Trusts a key by putting its file where the keystore has it.
    @discardableResult
    func trust(
        _ identity: String = signer,
        _ place: String = "prefix.d/example.com",
        in configuration: String = "etc"
    ) throws -> String {
        let directory = "\(configuration)/trustedkeys/\(place)"
        let fingerprint = try keys.fingerprint(of: identity)
        let path = "\(directory)/\(fingerprint)"
        try fetch.scratch.makeDirectory(directory)
        try keys.export(identity, to: fetch.scratch(path))
        return path
    }

    func refusal() -> String {
        do { try fetch(aci, allowsUnsigned: false) } catch {
            let left = fetch.leftovers
            #expect(left.isEmpty, "\(left) stayed")
            return "\(error)"
        }
        return "accepted"
    }

    func accepts() -> Bool { (try? fetch(aci, allowsUnsigned: false)) != nil }

    @Test func signedByATrustedKeyIsStoredWithItsSigner() throws {
        try keys.sign(aci, by: Self.signer)
        try trust()
        var signers: [String] = []
        let image = try fetch(aci, allowsUnsigned: false) { event in
            if case .verified(let signer) = event { signers.append(signer) }
        }
        let key = try #require(Fingerprint(keys.fingerprint(of: Self.signer)))
        let signer = Signer(key: key, identity: Self.signer)
        let signature = ImageSignature(by: .openPGP(signer), as: Self.name)
        #expect(image.warrant == .signed(signature))
        #expect(image.signatures == [signature])
        #expect(signers == ["\(key) (\(Self.signer))"])
        #expect(fetch.file("etc/motd", of: image) == "hello")
        #expect(try fetch.find(Self.name).warrant == image.warrant)
    }

    @Test(arguments: ["prefix.d/example.com/team", "prefix.d/\(name)", "root.d"])
    func keysOfPrefixesAndRootKeysCount(_ place: String) throws {
        try keys.sign(aci, by: Self.signer)
        try trust(Self.signer, place, in: "usr")
        #expect(accepts())
    }

    @Test(arguments: [
        "prefix.d/example.com/te", "prefix.d/example.co", "prefix.d/\(name)/x",
        "prefix.d/other.org",
    ])
    func aPrefixEndsWhereASegmentEnds(_ place: String) throws {
        try keys.sign(aci, by: Self.signer)
        try trust(Self.signer, place)
        #expect(refusal().contains("not for \"\(Self.name)\""))
    }

    @Test func withoutSignatureOrKeysNothingIsStored() throws {
        #expect(refusal().contains("is not signed"))
        try keys.sign(aci, by: Self.signer)
        #expect(refusal().contains("no key is trusted yet"))
        try keys.makeKey("other")
        try trust("other")
        #expect(refusal().contains("which is not trusted"))
    }

    @Test func changedFilesAreRefused() throws {
        try keys.sign(aci, by: Self.signer)
        try trust()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: aci))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: aci))
        #expect(refusal().contains("not over this file"))
    }

    @Test func anImportWithoutSignatureVouchesForNothing() throws {
        try fetch(aci, allowsUnsigned: true)
        #expect(throws: FetchError.self) { try fetch(aci, allowsUnsigned: false) }
        try keys.sign(aci, by: Self.signer)
        try trust()
        #expect(accepts())
    }

    @Test func anEmptyLocalFileTakesAVendorsKeyAway() throws {
        try keys.sign(aci, by: Self.signer)
        let path = try trust(in: "usr")
        #expect(accepts())
        let mask = "etc" + path.dropFirst("usr".count)
        try fetch.scratch.write("", to: mask)
        #expect(throws: FetchError.self) { try fetch(aci, allowsUnsigned: false) }
    }

    @Test func anyGoodSignatureOfSeveralIsEnough() throws {
        try keys.makeKey("first")
        try keys.makeKey("last")
        try keys.sign(aci, by: "first", Self.signer, "last")
        try trust()
        #expect(accepts())
    }

    @Test func expiredAndRevokedKeysAreRefusedWithTheReason() throws {
        try keys.makeKey("old", expires: "1y", at: "20200101T000000")
        try keys.sign(aci, by: "old", at: "20200601T000000")
        try trust("old")
        #expect(refusal().contains("which has expired"))
        let revoked = try keys.makeKey("revoked")
        try keys.sign(aci, by: "revoked")
        try keys.revoke(revoked)
        try trust("revoked")
        #expect(refusal().contains("which was revoked"))
    }

    @Test func weakAndFutureSignaturesAreRefused() throws {
        try trust()
        try keys.sign(aci, by: Self.signer, with: ["--digest-algo", "SHA1"])
        #expect(refusal().contains("can be forged"))
        try keys.sign(aci, by: Self.signer, at: "20400101T000000")
        #expect(refusal().contains("in the future"))
        try keys.makeKey("weak", "rsa1024")
        try keys.sign(aci, by: "weak")
        try trust("weak")
        #expect(refusal().contains("which is not trusted"))
    }

    @Test func whatIsNoDetachedSignatureIsRefused() throws {
        try trust()
        for option in ["--sign", "--clearsign"] {
            let signature = aci + ".asc"
            try keys.gpg(["--local-user", "=\(Self.signer)", "-o", signature, option, aci])
            #expect(refusal().contains("bad signature file"))
        }
        try fetch.scratch.write("nonsense", to: "app.aci.asc")
        #expect(refusal().contains("bad signature file"))
        try fetch.scratch.write("", to: "app.aci.asc")
        #expect(refusal().contains("bad signature file"))
    }

    @Test func aKeyUnderAnotherKeysNameDoesNotCount() throws {
        try keys.sign(aci, by: Self.signer)
        try keys.makeKey("other")
        let path = try trust("other")
        try keys.export(Self.signer, to: fetch.scratch(path))
        #expect(refusal().contains("which is not trusted"))
    }

    @Test func keysOfUsualKindsWork() throws {
        for algorithm in ["rsa2048", "nistp256", "ed25519"] {
            try keys.makeKey(algorithm, algorithm)
            try keys.sign(aci, by: algorithm)
            try trust(algorithm)
            #expect(accepts(), "\(algorithm)")
        }
    }
}
