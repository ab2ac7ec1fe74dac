/// A file of signatures over another file: nothing else is in it.
///
/// Whatever checks signatures sees only what this has let through: no compressed, encrypted or signed message, no key.
package struct DetachedSignature: Sendable, Equatable {
    /// The signature packets, without armor.
    package let packets: [UInt8]

    /// The largest file.
    package static let sizeLimit = 1 << 20
    private static let countLimit = 16

    /// Reads a file, armored or not.
    package init(parsing bytes: [UInt8]) throws(OpenPGPError) {
        guard bytes.count <= Self.sizeLimit else { throw .tooLarge(limit: Self.sizeLimit) }
        packets = try Armor.packets(of: bytes, .signature)
        var reader = Packets(packets)
        var count = 0
        while let packet = try reader.next() {
            guard packet.tag == Tag.signature else { throw .notASignature }
            // Version 3 has the length of what is hashed in front of the type.
            let version = packet.body.first ?? 0
            let type = packet.body.dropFirst(version == 3 ? 2 : 1).first
            guard let type, 3...5 ~= version else { throw .packet }
            guard type == 0 else { throw .signatureType(type) }
            count += 1
            guard count <= Self.countLimit else { throw .tooManySignatures(limit: Self.countLimit) }
        }
        guard count > 0 else { throw .notASignature }
    }
}
