/// What the hash functions of FIPS 180-4 with words of 32 bits have in common: how a message is cut and padded.
///
/// They are for the few short texts that `rkt` hashes, which links no library; images are hashed by one.
package protocol BlockHash {
    /// What the state is before the first block.
    static var start: [UInt32] { get }

    /// Mixes the 16 words of a block into the state.
    static func compress(_ block: [UInt32], into state: inout [UInt32])
}

extension BlockHash {
    /// The digest of a message.
    package static func digest(_ message: [UInt8]) -> [UInt8] {
        var padded = message + [0x80]
        padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
        let bits = UInt64(message.count) &* 8
        padded += (0..<8).reversed().map { UInt8(truncatingIfNeeded: bits >> (UInt64($0) * 8)) }
        var state = start
        for block in stride(from: 0, to: padded.count, by: 64) {
            let words = stride(from: block, to: block + 64, by: 4).map { word in
                padded[word..<(word + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            compress(words, into: &state)
        }
        return state.flatMap { word in
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
        }
    }
}

func turnedLeft(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word << count | word >> (32 - count)
}

func turnedRight(_ word: UInt32, _ count: UInt32) -> UInt32 { turnedLeft(word, 32 - count) }
