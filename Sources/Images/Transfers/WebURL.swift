/// An absolute `http` or `https` URL, read by the parser that later connects to it.
///
/// It has no user, no password and no fragment, and only characters that every reader takes alike.
package struct WebURL: Sendable, Hashable {
    /// The whole URL in its normal form.
    package let text: String
    /// Whether it is `https`.
    package let isSecure: Bool
    /// The host in lower case; an IPv6 address in brackets.
    package let host: String
    /// The port, the scheme's own if the URL names none.
    package let port: UInt16
    /// The path, beginning with a slash.
    package let path: String
    /// What follows the question mark.
    package let query: String?

    /// Reads an absolute URL.
    package init(_ text: String) throws(TransferError) { try self.init(text, relativeTo: nil) }

    /// Reads a URL as it may stand in an answer to this one: absolute, or relative to it.
    package func resolving(_ text: String) throws(TransferError) -> WebURL {
        try WebURL(text, relativeTo: self)
    }

    private init(_ text: String, relativeTo base: WebURL?) throws(TransferError) {
        guard text.utf8.count <= 8192 else { throw .url(text, reason: "too long") }
        guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }), text.utf8.first != UInt8(ascii: "-")
        else {
            throw .url(text, reason: "a character that has to be escaped")
        }
        guard let parts = ParsedURL(text, relativeTo: base?.text) else {
            throw .url(text, reason: "not a URL")
        }
        guard parts.scheme == "https" || parts.scheme == "http" else {
            throw .url(text, reason: "neither https nor http")
        }
        guard !parts.hasUser else { throw .url(text, reason: "a user or password in it") }
        guard !parts.host.isEmpty, let port = UInt16(parts.port), port > 0 else {
            throw .url(text, reason: "no host or port")
        }
        self.text = parts.whole
        self.port = port
        isSecure = parts.scheme == "https"
        host = parts.host.lowercased()
        path = parts.path.isEmpty ? "/" : parts.path
        query = parts.query
    }

    /// Scheme, host and port: what decides to whom something is sent.
    package var origin: String { "\(isSecure ? "https" : "http")://\(authority)" }

    /// Host and port as a `Host` header has them: without the scheme's own port.
    package var authority: String { port == (isSecure ? 443 : 80) ? host : "\(host):\(port)" }

    /// Whether the host is this machine itself, as its name or address says.
    package var isLoopback: Bool {
        host == "localhost" || host == "[::1]" || host.hasSuffix(".localhost")
            || host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == 0x2E || 0x30...0x39 ~= $0 }
    }

    /// The same URL with another query.
    package func with(query items: [(name: String, value: String)]) throws(TransferError) -> WebURL
    {
        let added = items.map { "\($0.name)=\(percentEncoded($0.value))" }
        let all = (query.map { $0.isEmpty ? [] : [$0] } ?? []) + added
        let before = text.prefix { $0 != "?" }
        return try WebURL(all.isEmpty ? String(before) : "\(before)?\(all.joined(separator: "&"))")
    }
}

extension WebURL: CustomStringConvertible {
    /// The URL for messages: a query may hold a signature that is as good as a password.
    package var description: String { origin + path + (query == nil ? "" : "?…") }
}

/// A text as it stands in the query of a URL.
package func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x2D, 0x2E, 0x5F, 0x7E, 0x2F, 0x3A:
            result.append(byte)
        default: result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: result, as: UTF8.self)
}
