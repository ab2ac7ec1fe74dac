package import AppContainer
package import Linux
package import OpenPGP

/// Why an image or a key isn't trusted.
package enum TrustError: Error, Equatable, CustomStringConvertible {
    /// Something that is no beginning of image names.
    case prefix(String)
    /// A file or directory of the keystore, or a key that a policy names, can't be used.
    case keystore(path: String, reason: String)
    /// A key that was asked for isn't in the keystore.
    case noSuchKey(Fingerprint, KeyScope?)
    /// A key can't be accepted.
    case key(String, reason: String)
    /// A signature file is none.
    case signature(OpenPGPError)
    /// No signature of several is good and by a trusted key; each says why.
    case refused([SignatureVerdict])
    /// A good signature, but by a key that isn't trusted for this image.
    case outOfScope(Signer, image: ACIdentifier, scopes: [KeyScope])
    /// A key can be trusted for one thing at a time.
    case twoScopes
    /// No key is trusted at all.
    case noKeys
    /// The program that checks signatures doesn't work.
    case program(String, reason: String)
    /// The policy lets no image of that name in.
    case rejected(name: String, prefix: String)
    /// The policy wants a signature.
    case unsigned(name: String, prefix: String)
    /// The policy wants a signature by another key than those that have signed the image.
    case otherKey(name: String, prefix: String, signers: [String])
    /// No signature that the registry has is good; why each isn't, or none.
    case unsignedThere(image: String, reasons: [String])
    /// The archive can't be read.
    case read(Errno)

    package var description: String {
        switch self {
        case .prefix(let text): "\"\(text)\" is not a prefix of image names"
        case .keystore(let path, let reason): "cannot use \"\(path)\": \(reason)"
        case .noSuchKey(let key, let scope):
            "there is no key \(key)" + (scope.map { " for \($0)" } ?? "") + " (see rkt trust list)"
        case .key(let location, let reason): "cannot trust \"\(location)\": \(reason)"
        case .signature(let error): "bad signature file: \(error)"
        case .refused(let verdicts): Set(verdicts.map(\.reason)).sorted().joined(separator: "; ")
        case .outOfScope(let signer, let image, let scopes):
            "it is signed by \(signer), which is trusted for "
                + scopes.map(\.description).sorted().joined(separator: ", ")
                + ", not for \"\(image)\" (see rkt trust --prefix=\(image))"
        case .twoScopes: "--root and --prefix exclude each other"
        case .noKeys: "no key is trusted yet (see rkt trust, or use --insecure-options=image)"
        case .program(let program, let reason): "\(program): \(reason)"
        case .rejected(let name, let prefix):
            "the policy for \(Self.names(prefix)) rejects \(name.isEmpty ? "it" : "\"\(name)\"")"
        case .unsigned(let name, let prefix):
            "the policy for \(Self.names(prefix)) wants a signature"
                + (name.isEmpty ? "" : " of \"\(name)\"") + ", and it has none that was checked"
        case .otherKey(let name, let prefix, let signers):
            "the policy for \(Self.names(prefix)) wants a signature of \"\(name)\" by one of its keys, and "
                + (signers.isEmpty ? "whose it has is not known" : "it has one by ")
                + signers.joined(separator: ", ")
        case .unsignedThere(let image, []):
            "the policy wants a signature, and the registry has none of \"\(image)\""
        case .unsignedThere(let image, let reasons):
            "no signature of \"\(image)\" is good: \(reasons.joined(separator: "; "))"
        case .read(let error): "cannot read the archive: \(error)"
        }
    }

    private static func names(_ prefix: String) -> String {
        prefix.isEmpty ? "all images" : "\"\(prefix)\""
    }
}
