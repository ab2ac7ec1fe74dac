extension IPAddress {
    /// Reads four decimal parts without leading zeros, or what RFC 4291 § 2.2 allows; nil if it is neither.
    ///
    /// A zone (`%eth0`) isn't part of an address.
    package init?(_ text: some StringProtocol) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let words = Self.words(of: String(text)) else { return nil }
            self.init(.six, words.reduce(0) { $0 << 16 | UInt128($1) })
        } else {
            guard let bytes = Self.fourBytes(of: text) else { return nil }
            self.init(bytes: bytes)
        }
    }

    private static func fourBytes(of text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part -> UInt8? in
            let isPlain = part.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            guard isPlain, part.utf8.count == 1 || !part.hasPrefix("0") else { return nil }
            return UInt8(part)
        }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// The eight words of an address of version 6.
    private static func words(of text: String) -> [UInt16]? {
        let halves = halves(of: text)
        guard halves.count <= 2, let first = words(ofHalf: halves[0], isLast: halves.count == 1)
        else { return nil }
        guard halves.count == 2 else { return first.count == 8 ? first : nil }
        guard let last = words(ofHalf: halves[1], isLast: true), first.count + last.count < 8 else {
            return nil
        }
        return first + repeatElement(0, count: 8 - first.count - last.count) + last
    }

    /// The parts around `::`, which stands for as many zeros as are missing.
    private static func halves(of text: String) -> [Substring] {
        var result: [Substring] = []
        var rest = Substring(text)
        while let start = rest.indices.first(where: { rest[$0...].hasPrefix("::") }) {
            result.append(rest[..<start])
            rest = rest[rest.index(start, offsetBy: 2)...]
        }
        return result + [rest]
    }

    private static func words(ofHalf half: Substring, isLast: Bool) -> [UInt16]? {
        guard !half.isEmpty else { return [] }
        let parts = half.split(separator: ":", omittingEmptySubsequences: false)
        var words: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if isLast, index == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
                guard let bytes = fourBytes(of: part) else { return nil }
                words.append(UInt16(bytes[0]) << 8 | UInt16(bytes[1]))
                words.append(UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
            } else {
                guard (1...4).contains(part.utf8.count), !part.hasPrefix("+"),
                    let word = UInt16(part, radix: 16)
                else { return nil }
                words.append(word)
            }
        }
        return words
    }
}
