/// Patterns of `.dockerignore`: which files of a context don't take part in a build.
package struct IgnoreFile: Sendable, Equatable {
    private struct Rule: Sendable, Equatable {
        let pattern: PathPattern
        let isException: Bool
    }

    private let rules: [Rule]

    /// Nothing is left out.
    package init() { rules = [] }

    /// Reads a file: one pattern a line, `#` begins a comment, `!` an exception; the last match counts.
    package init(_ text: String) {
        rules = text.split(separator: "\n").compactMap { line in
            var words = line.drop { $0.isWhitespace }
            while words.last?.isWhitespace == true { words.removeLast() }
            guard !words.isEmpty, !words.hasPrefix("#") else { return nil }
            let isException = words.hasPrefix("!")
            if isException { words = words.dropFirst() }
            let pattern = PathPattern(String(words))
            return pattern.isEmpty ? nil : Rule(pattern: pattern, isException: isException)
        }
    }

    /// Whether a path below the context is left out; a directory that holds an exception isn't.
    package func excludes(_ path: String) -> Bool {
        let components = path.split(separator: "/").map(String.init)
        var isExcluded = false
        for rule in rules where rule.pattern.matches(beginningOf: components) {
            isExcluded = !rule.isException
        }
        guard isExcluded else { return false }
        return !rules.contains { $0.isException && $0.pattern.mayMatch(below: components) }
    }
}

/// A pattern of paths: `*` and `?` within a component, `**` for any number of components, `[a-z]` for a character.
package struct PathPattern: Sendable, Equatable {
    private let components: [String]

    /// Reads a pattern; a slash at its beginning or end means nothing.
    package init(_ text: String) {
        var result: [String] = []
        for component in text.split(separator: "/") where component != "." {
            if component == ".." { _ = result.popLast() } else { result.append(String(component)) }
        }
        components = result
    }

    /// Whether it has no component.
    var isEmpty: Bool { components.isEmpty }

    /// Whether it matches all of a path.
    package func matches(_ path: [String]) -> Bool {
        Self.match(components[...], path[...])
    }

    /// Whether it matches a path or a directory it is in.
    func matches(beginningOf path: [String]) -> Bool {
        path.indices.contains { matches(Array(path[...$0])) }
    }

    /// Whether something below a directory could match.
    func mayMatch(below directory: [String]) -> Bool {
        guard components.count > directory.count else { return components.contains("**") }
        for (pattern, name) in zip(components, directory) {
            if pattern == "**" { return true }
            if !Self.matches(name, pattern) { return false }
        }
        return true
    }

    private static func match(
        _ pattern: ArraySlice<String>,
        _ path: ArraySlice<String>
    ) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if first == "**" {
            return (0...path.count).contains { match(pattern.dropFirst(), path.dropFirst($0)) }
        }
        guard let name = path.first, matches(name, first) else { return false }
        return match(pattern.dropFirst(), path.dropFirst())
    }

    /// Whether a name matches a pattern of one component.
    package static func matches(_ name: String, _ pattern: String) -> Bool {
        let (name, pattern) = (Array(name.unicodeScalars), Array(pattern.unicodeScalars))
        var (at, place) = (0, 0)
        // Where to go on when what follows a star doesn't fit.
        var star: (pattern: Int, name: Int)?
        while at < name.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (place, at)
                place += 1
            } else if let next = single(name[at], pattern, place) {
                at += 1
                place = next
            } else if let back = star {
                star = (back.pattern, back.name + 1)
                (at, place) = (back.name + 1, back.pattern + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }

    /// Where the pattern goes on if it matches a character here.
    private static func single(
        _ character: Unicode.Scalar,
        _ pattern: [Unicode.Scalar],
        _ index: Int
    ) -> Int? {
        guard index < pattern.count else { return nil }
        switch pattern[index] {
        case "?": return index + 1
        case "\\" where index + 1 < pattern.count:
            return pattern[index + 1] == character ? index + 2 : nil
        case "[":
            guard let end = pattern[(index + 1)...].firstIndex(of: "]") else { return nil }
            var set = pattern[(index + 1)..<end]
            let isNegated = set.first == "^" || set.first == "!"
            if isNegated { set = set.dropFirst() }
            var isIn = false
            while let low = set.first {
                set = set.dropFirst()
                var high = low
                if set.first == "-", let last = set.dropFirst().first {
                    high = last
                    set = set.dropFirst(2)
                }
                if low.value <= character.value, character.value <= high.value { isIn = true }
            }
            return isIn != isNegated ? end + 1 : nil
        default: return pattern[index] == character ? index + 1 : nil
        }
    }
}
