/// A JSON value whose objects keep the order of their members (RFC 8259).
///
/// Values from outside are made with ``parse(_:limit:)`` and read through a ``JSONCursor``, which says
/// where a wrong value stands. The plain accessors here answer nil for anything of another type.
package enum JSON: Sendable, Hashable {
    /// The literal `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number, as it was written.
    case number(String)
    /// A string, escapes resolved.
    case string(String)
    /// The elements in order.
    case array([JSON])
    /// The members in order, each name once.
    case object([Member])

    /// One name and value of an object.
    package struct Member: Sendable, Hashable {
        /// The name, escapes resolved.
        package var name: String
        /// The value.
        package var value: JSON

        /// Makes a member.
        package init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }
}

extension JSON {
    /// The text, if this is a string.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The number, if this is an integer of at most 64 bits.
    package var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    /// The truth value, if this is one.
    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements, if this is an array.
    package var array: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members, if this is an object.
    package var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// Whether this is the literal `null`.
    package var isNull: Bool { self == .null }

    /// The value of the member spelled exactly `name`; nil if there is none or it is `null`.
    package subscript(_ name: String) -> JSON? {
        guard let value = members?.first(where: { $0.name == name })?.value, !value.isNull else {
            return nil
        }
        return value
    }
}

extension JSON: ExpressibleByStringInterpolation {
    /// Makes a string.
    package init(stringLiteral value: String) { self = .string(value) }
}

extension JSON: ExpressibleByIntegerLiteral {
    /// Makes an integer.
    package init(integerLiteral value: Int64) { self = .integer(value) }
}

extension JSON: ExpressibleByBooleanLiteral {
    /// Makes a truth value.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSON: ExpressibleByArrayLiteral {
    /// Makes an array.
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
}

extension JSON: ExpressibleByDictionaryLiteral {
    /// Makes an object whose members stand in the order written.
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0, $1) })
    }
}
