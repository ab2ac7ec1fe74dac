internal import Hashes

/// The fingerprint of an OpenPGP key: 40 hexadecimal digits, which also name its file in the keystore.
package struct Fingerprint: Sendable, Hashable, CustomStringConvertible {
    /// The digits in lower case.
    package let digits: String

    /// Accepts 40 digits in either case.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 40, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            return nil
        }
        digits = text.lowercased()
    }

    /// A file of the keystore: lower case only, as rkt writes them.
    package init?(fileName: String) {
        self.init(fileName)
        guard digits == fileName else { return nil }
    }

    /// The fingerprint of a version 4 key packet (RFC 4880, section 12.2).
    init(ofKey body: ArraySlice<UInt8>) {
        let length = [
            UInt8(truncatingIfNeeded: body.count >> 8), UInt8(truncatingIfNeeded: body.count),
        ]
        let hexadecimal = Array("0123456789abcdef".utf8)
        digits = String(
            decoding: SHA1.digest([0x99] + length + body).flatMap {
                [hexadecimal[Int($0 >> 4)], hexadecimal[Int($0 & 15)]]
            },
            as: UTF8.self
        )
    }

    package var description: String { digits }

    /// The digits as people compare them, in pairs of bytes: `8B86 DE38 …`.
    package var grouped: String {
        var result = ""
        for (index, digit) in digits.uppercased().enumerated() {
            if index > 0, index % 4 == 0 { result += " " }
            result.append(digit)
        }
        return result
    }
}
