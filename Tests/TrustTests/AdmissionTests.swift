import Configuration
import Foundation
import OpenPGP
import TestSupport
import Testing

@testable import Trust

/// What a stored image's record amounts to under the rules and keys of today.
@Suite struct AdmissionTests {
    let scratch: Scratch
    let keystore: Keystore
    static let name = "quay.io/team/app"
    /// Two keys of `SubjectPublicKeyInfo`; what is in them doesn't matter here.
    static let (first, second) = ("AAAA", "BBBB")

    init() throws {
        scratch = try Scratch()
        keystore = Keystore(
            systemConfiguration: scratch("usr"),
            localConfiguration: scratch("etc")
        )
    }

    private func file(_ key: String) throws -> String {
        let text = "-----BEGIN PUBLIC KEY-----\n\(key)\n-----END PUBLIC KEY-----\n"
        return try scratch.write(text, to: "\(key).pub")
    }

    private func signature(_ key: String, as name: String? = name) throws -> ImageSignature {
        let file = try SigningKeyFile(path: file(key))
        return ImageSignature(by: .policy(file: file.path, fingerprint: file.fingerprint), as: name)
    }

    private func refusal(
        _ rules: [PolicyRule],
        _ signatures: [ImageSignature],
        names: [String] = [name],
        as asked: String? = nil,
        isWaived: Bool = false
    ) -> String? {
        let admission = Admission(
            names: names,
            warrant: signatures.first.map(Warrant.signed) ?? .exempt(.policy),
            signatures: signatures
        )
        do throws(TrustError) {
            try TrustPolicy(rules, isWaived: isWaived).admit(admission, as: asked, by: keystore)
            return nil
        } catch { return error.description }
    }

    private func rule(_ prefix: String = "", _ keys: String...) throws -> PolicyRule {
        PolicyRule(prefix: prefix, .signedBy(.init(keys: try keys.map(file))))
    }

    @Test func aKeyOfTheRuleIsNeeded() throws {
        let rules = [try rule("quay.io", Self.first)]
        #expect(try refusal(rules, [signature(Self.first)]) == nil)
        #expect(try refusal(rules, [signature(Self.second), signature(Self.first)]) == nil)
        let other = try #require(try refusal(rules, [signature(Self.second)]))
        #expect(other.contains("by one of its keys, and it has one by sha256:"), "\(other)")
        #expect(try #require(refusal(rules, [])).contains("it has none that was checked"))
        #expect(try refusal(rules, [signature(Self.second)], isWaived: true) == nil)
        #expect(try refusal([], [signature(Self.second)]) == nil)
    }

    @Test func whatIsNotNotedDoesNotCount() throws {
        let rules = [try rule("", Self.first)]
        let unknown = ImageSignature(
            by: .policy(file: try file(Self.first), fingerprint: nil),
            as: nil
        )
        #expect(refusal(rules, [unknown]) != nil)
        #expect(try refusal(rules, [signature(Self.first, as: nil)]) != nil)
    }

    @Test func theNameAskedForIsTheOneThatWasSigned() throws {
        let rules = [try rule("", Self.first)]
        let names = [Self.name, "quay.io/team/other"]
        let signed = [try signature(Self.first)]
        #expect(refusal(rules, signed, names: names) == nil)
        #expect(refusal(rules, signed, names: names, as: Self.name) == nil)
        #expect(refusal(rules, signed, names: names, as: names[1]) != nil)
        #expect(refusal(rules, signed, as: "quay.io/team/third") != nil)
    }

    @Test func otherNamesNeedASignatureThatStandsSomewhere() throws {
        let names = [Self.name, "docker.io/app"]
        let signed = [try signature(Self.first)]
        let keys = [try rule("quay.io", Self.first), try rule("docker.io", Self.second)]
        #expect(refusal(keys, signed, names: names, as: Self.name) == nil)
        let changed = [try rule("quay.io", Self.second), try rule("docker.io", Self.second)]
        #expect(refusal(changed, signed, names: names) != nil)
        let rejected = keys + [PolicyRule(prefix: "docker.io/app", .reject)]
        #expect(refusal(rejected, signed, names: names, as: Self.name)?.contains("rejects") == true)
    }

    @Test func anOpenPGPKeyMustBeTrustedForTheName() throws {
        let digits = String(repeating: "ab", count: 20)
        let signer = Signer(key: try #require(Fingerprint(digits)), identity: "S")
        let signed = [ImageSignature(by: .openPGP(signer), as: nil)]
        let rules = [try rule()]
        #expect(refusal(rules, signed) != nil)
        try scratch.write("key", to: "etc/trustedkeys/prefix.d/quay.io/other/\(digits)")
        #expect(refusal(rules, signed) != nil)
        try scratch.write("key", to: "etc/trustedkeys/prefix.d/quay.io/team/\(digits)")
        #expect(refusal(rules, signed) == nil)
        try scratch.write("", to: "etc/trustedkeys/prefix.d/quay.io/team/\(digits)")
        #expect(refusal(rules, signed) != nil)
    }

    @Test func aKeyThatCannotBeReadIsAnError() throws {
        let rules = [PolicyRule(prefix: "", .signedBy(.init(keys: [scratch("missing.pub")])))]
        let reason = try #require(try refusal(rules, [signature(Self.first)]))
        #expect(reason.contains("cannot use \"\(scratch("missing.pub"))\""))
    }
}
