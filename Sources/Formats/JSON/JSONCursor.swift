/// A value together with where it stands in its document, so that a complaint can name the place.
///
/// Members are found as Go finds them, whatever the case of their ASCII letters, because documents written
/// by Go programs rely on that. Two members that match the same name are refused: readers disagree on
/// which of them counts. A `null` member reads as an absent one.
package struct JSONCursor: Sendable {
    /// The value itself.
    package let value: JSON
    private let place: Place

    private indirect enum Place: Sendable {
        case root(String)
        case member(Place, String)
        case element(Place, Int)

        var description: String {
            switch self {
            case .root(let name): return name
            case .member(let parent, let name):
                let prefix = parent.description
                return prefix.isEmpty ? name : "\(prefix).\(name)"
            case .element(let parent, let index): return "\(parent.description)[\(index)]"
            }
        }
    }

    /// Stands at the root of a document; `name` begins every path, for instance `app`.
    package init(_ value: JSON, named name: String = "") {
        self.init(value, at: .root(name))
    }

    private init(_ value: JSON, at place: Place) {
        self.value = value
        self.place = place
    }

    /// The place, for instance `app.environment[2].name`.
    package var path: String { place.description }

    /// An error that blames this value.
    package func invalid(_ reason: String) -> JSONError {
        .invalid(path: path, reason: reason)
    }

    /// The member `name`, or nil if it is absent or null.
    package func optional(_ name: String) throws(JSONError) -> JSONCursor? {
        guard let members = value.members else { throw invalid("not an object") }
        var found: JSON.Member?
        for member in members where hasSameLetters(member.name, name) {
            if let found {
                let prefix = path.isEmpty ? "" : "\(path): "
                throw .ambiguous(path: prefix, names: [found.name, member.name])
            }
            found = member
        }
        guard let found, !found.value.isNull else { return nil }
        return JSONCursor(found.value, at: .member(place, name))
    }

    /// The member `name`, which must be there and not null.
    package func required(_ name: String) throws(JSONError) -> JSONCursor {
        guard let member = try optional(name) else {
            throw .missing(path: Place.member(place, name).description)
        }
        return member
    }

    /// The elements of this array.
    package func elements() throws(JSONError) -> [JSONCursor] {
        guard let elements = value.array else { throw invalid("not an array") }
        return elements.enumerated().map { JSONCursor($1, at: .element(place, $0)) }
    }

    /// The elements of the array `name`; none if it is absent.
    package func elements(_ name: String) throws(JSONError) -> [JSONCursor] {
        try optional(name)?.elements() ?? []
    }

    /// The members of this object, in order, names as they are.
    package func members() throws(JSONError) -> [(name: String, value: JSONCursor)] {
        guard let members = value.members else { throw invalid("not an object") }
        return members.map { ($0.name, JSONCursor($0.value, at: .member(place, $0.name))) }
    }
}

extension JSONCursor {
    /// The text of this string.
    package func string() throws(JSONError) -> String {
        guard let text = value.string else { throw invalid("not a string") }
        return text
    }

    /// This truth value.
    package func bool() throws(JSONError) -> Bool {
        guard let bool = value.bool else { throw invalid("not true or false") }
        return bool
    }

    /// This integer, which must lie in `range`.
    package func integer(in range: ClosedRange<Int64>) throws(JSONError) -> Int64 {
        guard let integer = value.integer else { throw invalid("not an integer") }
        guard range.contains(integer) else {
            throw invalid("\(integer) is not between \(range.lowerBound) and \(range.upperBound)")
        }
        return integer
    }

    /// This integer, which must fit `type`.
    package func integer<T: FixedWidthInteger>(_ type: T.Type) throws(JSONError) -> T {
        guard let integer = value.integer else { throw invalid("not an integer") }
        guard let number = T(exactly: integer) else { throw invalid("\(integer) is out of range") }
        return number
    }

    /// The strings of this array.
    package func strings() throws(JSONError) -> [String] {
        try elements().map { element throws(JSONError) in try element.string() }
    }

    /// The members of this object whose values are all strings.
    package func stringMembers() throws(JSONError) -> [(name: String, value: String)] {
        try members().map { member throws(JSONError) in (member.name, try member.value.string()) }
    }
}

/// Whether two names are equal but for the case of their ASCII letters.
private func hasSameLetters(_ one: String, _ other: String) -> Bool {
    let (one, other) = (one.utf8, other.utf8)
    guard one.count == other.count else { return false }
    for (left, right) in zip(one, other) where lowercased(left) != lowercased(right) {
        return false
    }
    return true
}

private func lowercased(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
}
