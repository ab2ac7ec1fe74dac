/// The kinds of packets that matter here (RFC 4880, section 4.3).
enum Tag {
    static let signature: UInt8 = 2
    static let secretKey: UInt8 = 5
    static let publicKey: UInt8 = 6
    static let secretSubkey: UInt8 = 7
    static let trust: UInt8 = 12
    static let userID: UInt8 = 13
    static let publicSubkey: UInt8 = 14
    static let userAttribute: UInt8 = 17
}

/// A public key with its subkeys and what it says about its owner.
package struct PublicKey: Sendable, Equatable {
    /// Its fingerprint.
    package let fingerprint: Fingerprint
    /// The fingerprints of its subkeys, which may sign for it.
    package fileprivate(set) var subkeys: [Fingerprint] = []
    /// Who it says it belongs to, printable; only people can tell whether that is true.
    package fileprivate(set) var identities: [String] = []
    /// All its packets.
    package fileprivate(set) var packets: [UInt8] = []

    /// The key as a file that every OpenPGP program reads.
    package var armored: String { Armor.text(of: packets, .publicKey) }
}

/// One or more public keys, without armor and without those that are too weak to be trusted.
package struct PublicKeys: Sendable, Equatable {
    /// The keys, one at least.
    package let keys: [PublicKey]

    /// The packets: what a keyring file is.
    package var packets: [UInt8] { keys.flatMap(\.packets) }

    /// The largest file.
    package static let sizeLimit = 1 << 20
    /// The fewest bits of an RSA or DSA key that is trusted.
    static let leastBits = 2048

    /// Reads a file, armored or not.
    package init(parsing bytes: [UInt8]) throws(OpenPGPError) {
        guard bytes.count <= Self.sizeLimit else { throw .tooLarge(limit: Self.sizeLimit) }
        var reader = Packets(try Armor.packets(of: bytes, .publicKey))
        var collection = KeyCollection()
        while let packet = try reader.next() { try collection.take(packet) }
        guard !collection.keys.isEmpty else {
            throw collection.weakest.map { .weak(bits: $0) } ?? .notAPublicKey
        }
        keys = collection.keys
    }
}

/// Sorts packets into keys; a weak key takes with it what belongs to it.
private struct KeyCollection {
    private(set) var keys: [PublicKey] = []
    private(set) var weakest: Int?
    private var hasKey = false
    private var skipsKey = false
    private var skipsSubkey = false

    private static let identityLimit = 8
    private static let identityLength = 200

    mutating func take(_ packet: Packet) throws(OpenPGPError) {
        switch packet.tag {
        case Tag.publicKey:
            skipsKey = try isWeak(packet.body)
            (hasKey, skipsSubkey) = (true, false)
            if !skipsKey {
                keys.append(PublicKey(fingerprint: Fingerprint(ofKey: packet.body)))
            }
        case Tag.publicSubkey:
            skipsSubkey = try isWeak(packet.body)
            change { $0.subkeys.append(Fingerprint(ofKey: packet.body)) }
        case Tag.userID:
            change { key in
                guard key.identities.count < Self.identityLimit else { return }
                key.identities.append(Self.printable(packet.body))
            }
        case Tag.secretKey, Tag.secretSubkey: throw .secretKey
        case Tag.signature, Tag.userAttribute, Tag.trust: break
        default: throw .notAPublicKey
        }
        guard hasKey else { throw .notAPublicKey }
        change { $0.packets += packet.bytes }
    }

    /// Changes the key that packets belong to now, unless they belong to a weak one.
    private mutating func change(_ body: (inout PublicKey) -> Void) {
        guard !skipsKey, !skipsSubkey, !keys.isEmpty else { return }
        body(&keys[keys.count - 1])
    }

    private mutating func isWeak(_ body: ArraySlice<UInt8>) throws(OpenPGPError) -> Bool {
        guard let bits = try Self.bits(of: Array(body)), bits < PublicKeys.leastBits else {
            return false
        }
        weakest = min(weakest ?? bits, bits)
        return true
    }

    /// The bits of an RSA, Elgamal or DSA key; nil for elliptic curves.
    private static func bits(of body: [UInt8]) throws(OpenPGPError) -> Int? {
        // Version 3 is named by a hash that can be forged, and GnuPG 2.2 doesn't know newer ones than 4.
        guard body.first == 4 else { throw .notAPublicKey }
        guard body.count > 8 else { throw .packet }
        switch body[5] {
        case 1, 2, 3, 16, 17: return Int(body[6]) << 8 | Int(body[7])
        default: return nil
        }
    }

    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        var result = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix(identityLength)
        where scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) {
            result.append(scalar)
        }
        return String(result)
    }
}
