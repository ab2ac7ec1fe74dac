package import Compression
internal import Linux

/// Proves to Amazon's object store, and what speaks as it does, who asks (Signature Version 4).
///
/// What is signed is the method, the URL, the host and the time; the key itself never travels.
package struct AWSSignature: Sendable {
    private static let emptyDigest =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    private let keyID: String
    private let key: String
    private let region: String

    /// A key and the region that it is used in; without one the region that the host's name tells.
    package init(keyID: String, key: String, region: String?, host: String) {
        self.keyID = keyID
        self.key = key
        self.region = region ?? Self.region(of: host)
    }

    /// The region in a host's name, such as `bucket.s3.eu-west-1.amazonaws.com`.
    static func region(of host: String) -> String {
        let labels = host.split(separator: ".").map(String.init)
        guard host.hasSuffix(".amazonaws.com"),
            let place = labels.lastIndex(where: { $0 == "s3" || $0.hasPrefix("s3-") })
        else { return "us-east-1" }
        if labels[place] != "s3" { return String(labels[place].dropFirst("s3-".utf8.count)) }
        let next = labels[(place + 1)...].first { $0 != "dualstack" }
        return next.flatMap { $0 == "amazonaws" ? nil : $0 } ?? "us-east-1"
    }

    /// What a request without a body carries at a time, in seconds since 1970.
    package func authorization(
        _ method: HTTPRequest.Method,
        _ url: WebURL,
        at seconds: Int64 = Time.now().seconds
    ) throws(CompressionError) -> Authorization {
        let time = Self.timestamp(seconds)
        let day = time.prefix(8)
        let scope = "\(day)/\(region)/s3/aws4_request"
        let signed = "host;x-amz-content-sha256;x-amz-date"
        let request = [
            method.rawValue, Self.encoded(Self.decoded(url.path), keeping: [0x2F]),
            Self.canonicalQuery(url.query ?? ""), "host:\(url.authority)",
            "x-amz-content-sha256:\(Self.emptyDigest)", "x-amz-date:\(time)", "", signed,
            Self.emptyDigest,
        ].joined(separator: "\n")
        var hasher = try Hasher(.sha256)
        try hasher.update(Array(request.utf8).span)
        let digest = hexadecimal(try hasher.finish())
        let text = ["AWS4-HMAC-SHA256", time, scope, digest].joined(separator: "\n")
        var signingKey = Array("AWS4\(key)".utf8)
        for part in [String(day), region, "s3", "aws4_request"] {
            signingKey = try hmacSHA256(key: signingKey, Array(part.utf8))
        }
        let signature = hexadecimal(try hmacSHA256(key: signingKey, Array(text.utf8)))
        return Authorization(
            value: "AWS4-HMAC-SHA256 Credential=\(keyID)/\(scope), SignedHeaders=\(signed), "
                + "Signature=\(signature)",
            isPublic: false,
            companions: [
                "x-amz-content-sha256: \(Self.emptyDigest)", "x-amz-date: \(time)",
            ]
        )
    }

    // MARK: - Spellings

    /// `20130524T000000Z`.
    static func timestamp(_ seconds: Int64) -> String {
        var days = seconds / 86_400
        let second = seconds % 86_400
        // Years begin in March, so that the leap day is the last one.
        days += 719_468
        let era = days / 146_097
        let day = days % 146_097
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let date = [
            (era * 400 + year + (month < 10 ? 0 : 1), 4), (month < 10 ? month + 3 : month - 9, 2),
            (dayOfYear - (153 * month + 2) / 5 + 1, 2),
        ]
        let clock = [(second / 3600, 2), (second / 60 % 60, 2), (second % 60, 2)]
        return text(date) + "T" + text(clock) + "Z"
    }

    private static func text(_ numbers: [(Int64, Int)]) -> String {
        numbers.map { number, digits in
            let text = String(number)
            return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
        }.joined()
    }

    private static func canonicalQuery(_ query: String) -> String {
        query.split(separator: "&").map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? String(parts[1]) : ""
            return (encoded(decoded(String(parts[0]))), encoded(decoded(value)))
        }.sorted { $0 < $1 }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    private static func decoded(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2,
                let value = UInt8(digits, radix: 16)
            {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    private static func encoded(_ bytes: [UInt8], keeping kept: Set<UInt8> = []) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), 0x2D, 0x2E, 0x5F, 0x7E:
                result.append(byte)
            case _ where kept.contains(byte): result.append(byte)
            default: result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
