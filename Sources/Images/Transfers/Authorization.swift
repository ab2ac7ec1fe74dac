internal import Base64

/// What a request proves its right with; it never shows itself.
package struct Authorization: Sendable, Hashable, CustomStringConvertible {
    let value: String
    /// Whether it may travel over plain http, as a token that anybody gets may.
    let isPublic: Bool
    /// Header lines that it is worth nothing without; they go where it goes.
    var companions: [String] = []

    /// A user and a password.
    package static func basic(user: String, password: String) -> Authorization {
        Authorization(
            value: "Basic \(Base64.encode(Array("\(user):\(password)".utf8)))",
            isPublic: false
        )
    }

    /// A token; `isPublic` if it was given without asking who wants it.
    package static func bearer(_ token: String, isPublic: Bool = false) -> Authorization {
        Authorization(value: "Bearer \(token)", isPublic: isPublic)
    }

    package var description: String { "(secret)" }
}
