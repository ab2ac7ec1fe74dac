/// Why a text is not JSON, or a JSON value not what its reader expects.
package enum JSONError: Error, Hashable, CustomStringConvertible {
    /// The document is longer than its reader allows.
    case tooLarge(limit: Int)
    /// The document is not UTF-8.
    case notUTF8
    /// The grammar expects something else at a byte offset.
    case syntax(offset: Int, expected: String)
    /// Arrays and objects are nested deeper than the limit.
    case tooDeep(offset: Int)
    /// A string holds an escape or a character that no reader should accept.
    case badString(offset: Int, reason: String)
    /// An object has two members of the same name.
    case duplicate(offset: Int, name: String)
    /// Two members differ only in case, so other readers might take either.
    case ambiguous(path: String, names: [String])
    /// A required member is absent or null.
    case missing(path: String)
    /// A value breaks a rule.
    case invalid(path: String, reason: String)

    package var description: String {
        switch self {
        case .tooLarge(let limit): "the document is larger than \(limit) bytes"
        case .notUTF8: "the document is not valid UTF-8"
        case .syntax(let offset, let expected): "at byte \(offset): expected \(expected)"
        case .tooDeep(let offset): "at byte \(offset): nested deeper than \(JSON.depthLimit) levels"
        case .badString(let offset, let reason): "at byte \(offset): \(reason)"
        case .duplicate(let offset, let name): "at byte \(offset): duplicate member \(quoted(name))"
        case .ambiguous(let path, let names):
            "\(path)members differ only in case: \(names.map(quoted).joined(separator: ", "))"
        case .missing(let path): "\(path): missing"
        case .invalid(let path, let reason): path.isEmpty ? reason : "\(path): \(reason)"
        }
    }
}

/// The text as a JSON string literal, which is safe to print whatever it holds.
package func quoted(_ text: String) -> String {
    var safe = ""
    for scalar in text.unicodeScalars.prefix(200) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse:
            safe += "\\u{\(String(scalar.value, radix: 16))}"
        default:
            if scalar == "\"" || scalar == "\\" { safe.unicodeScalars.append("\\") }
            safe.unicodeScalars.append(scalar)
        }
    }
    return text.unicodeScalars.count > 200 ? "\"\(safe)…\"" : "\"\(safe)\""
}
