/// What a blob is known by: an algorithm and the sum of the blob's bytes.
///
/// A value has passed the grammar, exact length and lower case included, so that it can become part of a
/// path. There is no other way from a document to the path of a blob.
package struct Digest: Sendable, Hashable, CustomStringConvertible {
    /// How the sum is made.
    package enum Algorithm: String, Sendable, CaseIterable {
        /// SHA-256.
        case sha256
        /// SHA-512.
        case sha512

        /// The number of hexadecimal digits of a sum.
        package var digits: Int {
            switch self {
            case .sha256: 64
            case .sha512: 128
            }
        }
    }

    /// How the sum is made; its name is a path component.
    package let algorithm: Algorithm
    /// The sum as lower-case hexadecimal digits; a path component.
    package let hex: String

    /// Accepts `sha256:` and 64, or `sha512:` and 128 lower-case hexadecimal digits.
    package init(_ text: String) throws(OCIError) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            let algorithm = Algorithm(rawValue: String(text[..<colon]))
        else { throw .digest(text) }
        try self.init(algorithm, hex: String(text[text.utf8.index(after: colon)...]))
    }

    /// Accepts the digits of a sum.
    package init(_ algorithm: Algorithm, hex: String) throws(OCIError) {
        guard hex.utf8.count == algorithm.digits, hex.utf8.allSatisfy(isHexDigit) else {
            throw .digest("\(algorithm.rawValue):\(hex)")
        }
        self.algorithm = algorithm
        self.hex = hex
    }

    /// Takes a sum as it was computed; nil if it hasn't the length of the algorithm.
    package init?(_ algorithm: Algorithm, sum: some Collection<UInt8>) {
        guard sum.count * 2 == algorithm.digits else { return nil }
        let digits = Array("0123456789abcdef".utf8)
        self.algorithm = algorithm
        hex = String(
            decoding: sum.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self
        )
    }

    package var description: String { "\(algorithm.rawValue):\(hex)" }

    /// Where the blob lies in an OCI layout, relative to its directory.
    package var layoutPath: String { "blobs/\(algorithm.rawValue)/\(hex)" }
}

private func isHexDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
}
