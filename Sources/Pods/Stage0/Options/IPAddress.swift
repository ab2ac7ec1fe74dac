/// Whether a text is an IP address, version 4 in four decimal parts or version 6 as RFC 4291 § 2.2 writes it.
func isAddress(_ text: String) -> Bool {
    text.utf8.contains(UInt8(ascii: ":")) ? isVersion6(text) : isVersion4(text)
}

private func isVersion4(_ text: some StringProtocol) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
        && parts.allSatisfy { part in
            part.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
                && UInt8(part) != nil && (part.utf8.count == 1 || !part.hasPrefix("0"))
        }
}

private func isVersion6(_ text: String) -> Bool {
    let halves = halves(of: text)
    guard halves.count <= 2 else { return false }
    var words = 0
    for (index, half) in halves.enumerated() where !half.isEmpty {
        let parts = half.split(separator: ":", omittingEmptySubsequences: false)
        for (position, part) in parts.enumerated() {
            let isLast = index == halves.count - 1 && position == parts.count - 1
            if isLast, part.utf8.contains(UInt8(ascii: ".")) {
                guard isVersion4(part) else { return false }
                words += 2
            } else {
                guard isWord(part) else { return false }
                words += 1
            }
        }
    }
    return halves.count == 2 ? words < 8 : words == 8
}

/// The parts around `::`, which stands for as many zeros as are missing.
private func halves(of text: String) -> [Substring] {
    var result: [Substring] = []
    var rest = Substring(text)
    while let gap = rest.firstRange(ofGap: "::") {
        result.append(rest[..<gap.lowerBound])
        rest = rest[gap.upperBound...]
    }
    return result + [rest]
}

private func isWord(_ part: Substring) -> Bool {
    (1...4).contains(part.utf8.count)
        && part.unicodeScalars.allSatisfy { $0.isASCII && $0.properties.isASCIIHexDigit }
}

extension Substring {
    fileprivate func firstRange(ofGap gap: String) -> Range<Index>? {
        for start in indices where self[start...].hasPrefix(gap) {
            return start..<index(start, offsetBy: gap.count)
        }
        return nil
    }
}
