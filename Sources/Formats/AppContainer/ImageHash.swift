/// The identity of an image, whole or cut short: `sha512-` and the sum of an ACI's uncompressed archive,
/// or `sha256-` and the sum of an OCI image's configuration.
package struct ImageHash: Sendable, Hashable, CustomStringConvertible {
    /// What the digits are the sum of.
    package enum Algorithm: String, Sendable {
        /// An ACI. Images in the store are known by the first half of the sum.
        case sha512
        /// An OCI image.
        case sha256

        fileprivate var longest: Int {
            switch self {
            case .sha512: 128
            case .sha256: 64
            }
        }
    }

    /// What the digits are the sum of.
    package let algorithm: Algorithm
    /// Lower-case hexadecimal digits, at least one.
    package let digits: String

    /// Accepts `sha512-` or `sha256-` followed by at most the digits of such a sum.
    package init(_ text: String) throws(ManifestError) {
        guard let dash = text.utf8.firstIndex(of: UInt8(ascii: "-")),
            let algorithm = Algorithm(rawValue: String(text[..<dash]))
        else { throw .imageID(text) }
        let digits = text[text.utf8.index(after: dash)...]
        guard 1...algorithm.longest ~= digits.utf8.count,
            digits.utf8.allSatisfy(isLowercaseHexDigit)
        else { throw .imageID(text) }
        self.algorithm = algorithm
        self.digits = String(digits)
    }

    package var description: String { "\(algorithm.rawValue)-\(digits)" }
}

private func isLowercaseHexDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
}
