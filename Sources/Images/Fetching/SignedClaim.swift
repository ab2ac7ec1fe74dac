internal import Distribution
internal import JSON
internal import Trust

/// What somebody has said by a signature: that images of these digests are theirs, perhaps under a name.
///
/// It is made only of what a trusted key has signed.
struct SignedClaim {
    /// A digest, `sha256:HEX`, and the repository; nil if that isn't said.
    struct Subject {
        let digest: String
        let name: String?
    }

    static let statementPayloadType = "application/vnd.in-toto+json"
    private static let statementType = "https://in-toto.io/Statement/v1"

    let subjects: [Subject]

    /// Reads a payload of "simple signing", as containers-image and older versions of cosign sign it.
    init(simple payload: [UInt8]) throws(SignatureRefusal) {
        guard let critical = (try? JSON.parse(payload))?["critical"],
            critical["type"]?.string == "cosign container image signature",
            let digest = critical["image"]?["docker-manifest-digest"]?.string
        else { throw SignatureRefusal("what was signed says nothing of an image") }
        let name = critical["identity"]?["docker-reference"]?.string
        subjects = [Subject(digest: digest, name: name.flatMap { $0.isEmpty ? nil : $0 })]
    }

    /// Reads an in-toto statement (Statement v1), which signs an image only if its predicate says so: who attests how an
    /// image was built, or what is in it, doesn't say that it may run.
    init(statement payload: [UInt8]) throws(SignatureRefusal) {
        guard let statement = try? JSON.parse(payload),
            statement["_type"]?.string == Self.statementType,
            let predicate = statement["predicateType"]?.string,
            let subjects = statement["subject"]?.array
        else { throw SignatureRefusal("what was signed says nothing of an image") }
        guard predicate == RegistrySignature.predicateType else {
            throw SignatureRefusal("it is an attestation (\(quoted(predicate))), not a signature")
        }
        self.subjects = subjects.compactMap { subject in
            guard let digest = subject["digest"]?["sha256"]?.string else { return nil }
            let name = subject["name"]?.string
            return Subject(digest: "sha256:\(digest)", name: name.flatMap { $0.isEmpty ? nil : $0 })
        }
        guard !self.subjects.isEmpty else {
            throw SignatureRefusal("it is over another sum than SHA-256")
        }
    }
}
