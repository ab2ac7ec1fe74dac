/// What a request proves its right with; it never shows itself.
package struct Authorization: Sendable, Hashable, CustomStringConvertible {
    let value: String
    /// Whether it may travel over plain http, as a token that anybody gets may.
    let isPublic: Bool
    /// Header lines that it is worth nothing without; they go where it goes.
    var companions: [String] = []

    /// A user and a password.
    package static func basic(user: String, password: String) -> Authorization {
        Authorization(value: "Basic \(base64(Array("\(user):\(password)".utf8)))", isPublic: false)
    }

    /// A token; `isPublic` if it was given without asking who wants it.
    package static func bearer(_ token: String, isPublic: Bool = false) -> Authorization {
        Authorization(value: "Bearer \(token)", isPublic: isPublic)
    }

    package var description: String { "(secret)" }
}

/// Bytes in base64 with padding.
package func base64(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
        let rest = bytes[index...].prefix(3)
        let word = rest.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - rest.count))
        for place in 0..<4 {
            result.append(place <= rest.count ? letters[word >> (18 - 6 * place) & 63] : 0x3D)
        }
        index += 3
    }
    return String(decoding: result, as: UTF8.self)
}
