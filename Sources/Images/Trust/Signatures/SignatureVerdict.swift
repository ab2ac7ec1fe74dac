package import OpenPGP

/// Who signed.
package struct Signer: Sendable, Hashable, CustomStringConvertible {
    /// The primary key's fingerprint.
    package let key: Fingerprint
    /// The identity of the key that GnuPG names first, printable.
    package let identity: String

    /// Names a signer that a check has found.
    package init(key: Fingerprint, identity: String) {
        self.key = key
        self.identity = identity
    }

    package var description: String { "\(key) (\(identity))" }
}

/// What is to be said about one signature.
package enum SignatureVerdict: Sendable, Equatable {
    /// It is over these bytes and by a key of the keyring, both of which are in order.
    case good(Signer)
    /// It isn't over these bytes.
    case bad(key: String)
    /// Its key isn't in the keyring.
    case unknownKey(String)
    /// Its key has expired.
    case expiredKey(String)
    /// Its key was revoked.
    case revokedKey(String)
    /// It has expired itself.
    case expired(key: String)
    /// It was made in the future.
    case future(key: String)
    /// It rests on a hash function that can be forged.
    case weakHash(key: String)
    /// GnuPG can't check it, with its number for why.
    case unchecked(key: String, code: String)

    /// Why it doesn't count, in words.
    var reason: String {
        switch self {
        case .good(let signer): "signed by \(signer)"
        case .bad: "the signature is not over this file: one of them was changed"
        case .unknownKey(let key):
            "it is signed by the key \(key), which is not trusted (see rkt trust)"
        case .expiredKey(let key): "it is signed by the key \(key), which has expired"
        case .revokedKey(let key): "it is signed by the key \(key), which was revoked"
        case .expired(let key): "the signature by the key \(key) has expired"
        case .future(let key):
            "the signature by the key \(key) was made in the future (look at this machine's clock)"
        case .weakHash(let key):
            "the signature by the key \(key) rests on MD5, SHA-1 or RIPEMD, which can be forged"
        case .unchecked(let key, let code):
            "the signature by the key \(key) cannot be checked (GnuPG's code \(code))"
        }
    }
}

/// Reads what `gpgv --status-fd` writes; one verdict a signature.
///
/// Its exit code says nothing: it is zero for an expired key, and not zero if one of several keys is unknown.
struct StatusReader {
    /// How far ahead of this machine a signer's clock may go.
    private static let clockSkew: Int64 = 24 * 60 * 60
    /// The numbers of RFC 4880, section 9.4: SHA-256, 384, 512, 224 and SHA-3.
    private static let hashes: Set = ["8", "9", "10", "11", "12", "14"]

    private(set) var verdicts: [SignatureVerdict] = []
    /// The person of a `GOODSIG` whose `VALIDSIG` is still to come.
    private var person: String?
    private let now: Int64

    /// Reads the status of a process that has ended.
    ///
    /// - Parameter now: seconds since 1970.
    init(_ text: String, now: Int64) {
        self.now = now
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 2, words[0] == "[GNUPG:]" else { continue }
            take(words[1], words.dropFirst(2).map(String.init))
        }
    }

    private mutating func take(_ keyword: Substring, _ words: [String]) {
        let key = words.first ?? "unknown"
        switch keyword {
        case "NEWSIG":
            verdicts.append(.unchecked(key: "unknown", code: "none"))
            person = nil
        case "BADSIG": conclude(.bad(key: key))
        case "EXPSIG": conclude(.expired(key: key))
        case "EXPKEYSIG": conclude(.expiredKey(key))
        case "REVKEYSIG": conclude(.revokedKey(key))
        case "NO_PUBKEY": conclude(.unknownKey(key))
        case "ERRSIG" where words.count >= 6: conclude(error(key, words))
        case "GOODSIG": person = words.dropFirst().joined(separator: " ")
        case "VALIDSIG": complete(words)
        default: break
        }
    }

    /// `GOODSIG` comes first and names the person, `VALIDSIG` follows and tells the rest; GnuPG writes the latter for
    /// expired and revoked keys too.
    private mutating func complete(_ words: [String]) {
        guard let person, words.count >= 10, let key = Fingerprint(words[9]),
            let created = Int64(words[2])
        else { return }
        if !Self.hashes.contains(words[7]) {
            conclude(.weakHash(key: key.digits))
        } else if created > now.addingReportingOverflow(Self.clockSkew).partialValue {
            conclude(.future(key: key.digits))
        } else {
            conclude(.good(Signer(key: key, identity: Self.printable(person))))
        }
    }

    private func error(_ key: String, _ words: [String]) -> SignatureVerdict {
        if !Self.hashes.contains(words[2]) { return .weakHash(key: key) }
        return words[5] == "9" ? .unknownKey(key) : .unchecked(key: key, code: words[5])
    }

    private mutating func conclude(_ verdict: SignatureVerdict) {
        person = nil
        if !verdicts.isEmpty { verdicts[verdicts.count - 1] = verdict }
    }

    /// GnuPG escapes control characters; nothing is taken for granted.
    private static func printable(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(200)
        where scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) {
            result.append(scalar)
        }
        return String(result)
    }
}
