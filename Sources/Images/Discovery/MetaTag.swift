/// A `<meta name="…" content="…">` of a page.
struct MetaTag: Equatable {
    let name: String
    let content: String
}

/// Finds the meta tags in the head of a page.
///
/// It understands as much of HTML as that takes: tags with their attributes, comments, and the elements whose content is
/// text. Whatever else there is ends the search or is passed over; nothing is repaired.
struct MetaTagReader {
    /// The longest page; what is behind isn't looked at.
    static let pageLimit = 1 << 20
    private static let tagLimit = 256
    private static let attributeLimit = 64

    private let bytes: [UInt8]
    private var position = 0

    private init(_ page: [UInt8]) { bytes = Array(page.prefix(Self.pageLimit)) }

    /// The tags of a page, in its order.
    static func tags(in page: [UInt8]) -> [MetaTag] {
        var reader = MetaTagReader(page)
        var tags: [MetaTag] = []
        while tags.count < tagLimit, let element = reader.next() {
            if element.name == "body" || element.name == "/head" { break }
            guard element.name == "meta", let name = element.attributes["name"],
                let content = element.attributes["content"]
            else { continue }
            tags.append(MetaTag(name: name, content: content))
        }
        return tags
    }

    private struct Element {
        /// In lower case, with a slash in front if it ends.
        var name: String
        /// By lower-case names; the first of a name counts, as in browsers.
        var attributes: [String: String] = [:]
    }

    /// The next tag, behind comments, declarations and text.
    private mutating func next() -> Element? {
        while let start = bytes[position...].firstIndex(of: UInt8(ascii: "<")) {
            position = start + 1
            if skip("!--", to: "-->") || skip("!", to: ">") || skip("?", to: ">") { continue }
            guard let element = element() else { continue }
            // What stands in these is text, even if it looks like a tag.
            if ["script", "style", "title", "textarea", "noscript", "template"]
                .contains(element.name)
            {
                skipText(of: element.name)
            }
            return element
        }
        return nil
    }

    private mutating func element() -> Element? {
        let isEnd = bytes[position...].first == UInt8(ascii: "/")
        if isEnd { position += 1 }
        let name = takeName()
        guard let name, !name.isEmpty else { return nil }
        var element = Element(name: isEnd ? "/" + name : name)
        for _ in 0..<Self.attributeLimit {
            skipSpace()
            guard let byte = bytes[position...].first else { return nil }
            if byte == UInt8(ascii: ">") {
                position += 1
                return element
            }
            if byte == UInt8(ascii: "/") {
                position += 1
                continue
            }
            guard let (name, value) = attribute() else { return nil }
            if element.attributes[name] == nil { element.attributes[name] = value }
        }
        return nil
    }

    private mutating func attribute() -> (String, String)? {
        guard let name = takeName(), !name.isEmpty else { return nil }
        skipSpace()
        guard bytes[position...].first == UInt8(ascii: "=") else { return (name, "") }
        position += 1
        skipSpace()
        guard let quote = bytes[position...].first else { return nil }
        let value: ArraySlice<UInt8>
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            guard let end = bytes[(position + 1)...].firstIndex(of: quote) else { return nil }
            value = bytes[(position + 1)..<end]
            position = end + 1
        } else {
            let rest = bytes[position...]
            let end = rest.firstIndex { $0 <= 0x20 || $0 == UInt8(ascii: ">") } ?? rest.endIndex
            value = bytes[position..<end]
            position = end
        }
        guard let text = String(validating: value, as: UTF8.self) else { return nil }
        return (name, unescaped(text))
    }

    /// A name of a tag or attribute, in lower case; nil if it has a character that none has.
    private mutating func takeName() -> String? {
        let rest = bytes[position...]
        let end = rest.firstIndex { $0 <= 0x20 || "/>=".utf8.contains($0) } ?? rest.endIndex
        let name = bytes[position..<end]
        position = end
        guard name.allSatisfy({ 0x21...0x7E ~= $0 && !"\"'<".utf8.contains($0) }) else {
            return nil
        }
        return String(decoding: name, as: UTF8.self).lowercased()
    }

    private mutating func skipSpace() {
        while let byte = bytes[position...].first, byte <= 0x20 { position += 1 }
    }

    private mutating func skip(_ start: String, to end: String) -> Bool {
        guard bytes[position...].starts(with: start.utf8) else { return false }
        position = find(end, from: position + start.utf8.count) ?? bytes.count
        return true
    }

    private mutating func skipText(of name: String) {
        while let start = find("</", from: position) {
            position = start
            if takeName() == name { return }
        }
        position = bytes.count
    }

    /// Where the bytes behind the next occurrence of a text are.
    private func find(_ text: String, from start: Int) -> Int? {
        let wanted = Array(text.utf8)
        guard start <= bytes.count, let first = wanted.first else { return nil }
        var index = start
        while let found = bytes[index...].firstIndex(of: first) {
            if bytes[found...].starts(with: wanted) { return found + wanted.count }
            index = found + 1
        }
        return nil
    }

    /// The few named characters that a URL in an attribute needs.
    private func unescaped(_ text: String) -> String {
        guard text.contains("&") else { return text }
        var result = ""
        var rest = Substring(text)
        let names = ["&amp;": "&", "&quot;": "\"", "&#39;": "'", "&lt;": "<", "&gt;": ">"]
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            rest = rest[start...]
            let found = names.first { rest.hasPrefix($0.key) }
            result += found?.value ?? "&"
            rest = rest.dropFirst(found?.key.count ?? 1)
        }
        return result + rest
    }
}
