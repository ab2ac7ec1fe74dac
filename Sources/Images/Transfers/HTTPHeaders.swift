internal import Linux

/// The header lines of a request or an answer, in order.
package struct HTTPHeaders: Sendable, Hashable {
    private var lines: [Line] = []

    private struct Line: Sendable, Hashable {
        let name: String
        let value: String
    }

    /// No lines.
    package init() {}

    /// The value of the first line of a name, whatever the case of its letters.
    package subscript(_ name: String) -> String? {
        lines.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The values of all lines of a name.
    package func all(_ name: String) -> [String] {
        lines.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// Adds a line.
    package mutating func append(_ name: String, _ value: String) {
        guard !name.isEmpty, name.utf8.allSatisfy({ 0x21...0x7E ~= $0 && $0 != 0x3A }),
            value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { return }
        lines.append(Line(name: name, value: value))
    }

    /// Replaces all lines of a name by one, or by none.
    package mutating func set(_ name: String, _ value: String?) {
        lines.removeAll { $0.name.lowercased() == name.lowercased() }
        if let value { append(name, value) }
    }

    /// The lines that may go to another host than the one they were meant for.
    var harmless: HTTPHeaders {
        let names: Set = ["accept", "range", "if-range", "if-none-match", "if-modified-since"]
        var result = HTTPHeaders()
        result.lines = lines.filter { names.contains($0.name.lowercased()) }
        return result
    }

    /// The lines as they are sent.
    var texts: [String] { lines.map { "\($0.name): \($0.value)" } }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    /// Lines from names and values; what would break out of its line is left out.
    package init(dictionaryLiteral pairs: (String, String)...) {
        for (name, value) in pairs { append(name, value) }
    }
}

extension HTTPHeaders {
    /// How long the body is said to be.
    package var contentLength: UInt64? {
        self["Content-Length"].flatMap { UInt64($0.trimmed) }
    }

    /// What the body is said to be.
    package var contentType: String? { self["Content-Type"]?.trimmed }

    /// The entity tag, with its quotes.
    package var entityTag: String? { self["ETag"]?.trimmed }

    /// For how many seconds the answer may be used again without asking, by rkt's rules.
    ///
    /// `no-store` and `no-cache` mean not at all; an answer that says nothing isn't to be used again either.
    package var maximumAge: Int64 {
        var age: Int64 = 0
        for part in all("Cache-Control").joined(separator: ",").split(separator: ",") {
            let words = part.split(separator: "=", maxSplits: 1)
            switch words.first.map({ String($0).trimmed.lowercased() }) {
            case "no-store", "no-cache": return 0
            case "max-age":
                age = words.dropFirst().first.flatMap { Int64(String($0).trimmed) } ?? 0
            default: continue
            }
        }
        return max(age, 0)
    }

    /// How many seconds the server wants to be left alone.
    ///
    /// Of a date in place of a number it is the time from the server's own, as clocks differ; what can't be read is half a
    /// minute.
    var retryAfter: Int64? {
        guard let text = self["Retry-After"]?.trimmed else { return nil }
        if let seconds = Int64(text) { return min(max(seconds, 0), 1 << 40) }
        guard let date = HTTPDate(text) else { return 30 }
        let now = self["Date"].flatMap { HTTPDate($0.trimmed) }?.seconds ?? Time.now().seconds
        return max(date.seconds - now, 0)
    }
}

extension String {
    /// Without blanks at both ends.
    package var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        var rest = drop(while: isBlank)
        while rest.last.map(isBlank) == true { rest.removeLast() }
        return String(rest)
    }
}
