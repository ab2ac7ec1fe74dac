extension JSON {
    /// How many arrays and objects may lie in one another.
    package static let depthLimit = 64

    /// How long a document may be unless its reader says otherwise: what registries allow a manifest.
    package static let sizeLimit = 4 << 20

    /// Reads one document, stricter than most so that no two readers can disagree about it.
    ///
    /// Beyond the grammar of RFC 8259 this refuses a byte order mark, invalid UTF-8, duplicate members,
    /// `\u0000` and lone surrogates. Members that differ only in case are the ``JSONCursor``'s business:
    /// in a map of labels they are two labels.
    package static func parse(
        _ bytes: [UInt8],
        limit: Int = sizeLimit
    ) throws(JSONError) -> JSON {
        guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
        guard isUTF8(bytes) else { throw .notUTF8 }
        var parser = JSONParser(bytes)
        return try parser.document()
    }

    /// Reads one document from text.
    package static func parse(
        _ text: String,
        limit: Int = sizeLimit
    ) throws(JSONError) -> JSON {
        try parse(Array(text.utf8), limit: limit)
    }

    private static func isUTF8(_ bytes: [UInt8]) -> Bool {
        (try? UTF8Span(validating: bytes.span)) != nil
    }
}
