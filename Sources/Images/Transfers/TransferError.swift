package import Linux

/// Why something couldn't be got from, or sent to, the network.
package enum TransferError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A text isn't a URL that leads anywhere.
    case url(String, reason: String)
    /// Something would travel over plain http that mustn't.
    case insecure(WebURL, reason: String)
    /// Nobody could be talked to.
    case connection(WebURL, reason: String)
    /// The certificate of a server, or what it does with TLS, isn't good.
    case certificate(WebURL, reason: String)
    /// The conversation ended too early, or took too long.
    case broken(WebURL, reason: String)
    /// The server answered that it won't.
    case status(Int, WebURL, reason: String)
    /// There are more bytes than allowed.
    case tooLarge(WebURL, limit: UInt64)
    /// What was sent isn't what was asked for.
    case content(WebURL, reason: String)
    /// A step on a file here failed.
    case file(_ step: String, Errno)
    /// The work was called off.
    case stopped

    package var description: String {
        switch self {
        case .url(let text, let reason): "bad URL \(quoted(text)): \(reason)"
        case .insecure(let url, let reason): "\(url): \(reason)"
        case .connection(let url, let reason): "\(url): \(reason)"
        case .certificate(let url, let reason):
            "\(url): \(reason) (--insecure-options=tls skips the check)"
        case .broken(let url, let reason): "\(url): \(reason)"
        case .status(let code, let url, let reason):
            "\(url): the server answered \(code)\(reason.isEmpty ? "" : ": \(reason)")"
        case .tooLarge(let url, let limit): "\(url): more than \(limit) bytes"
        case .content(let url, let reason): "\(url): \(reason)"
        case .file(let step, let error): "cannot \(step): \(error)"
        case .stopped: "stopped"
        }
    }

    /// Whether the same request may well succeed a moment later.
    package var isPassing: Bool {
        switch self {
        case .connection, .broken: true
        case .status(let code, _, _): code == 429 || code == 408 || 500...599 ~= code && code != 501
        default: false
        }
    }
}

/// A text from outside as messages show it: in quotes, without control characters, cut.
func quoted(_ text: String) -> String {
    let visible = text.unicodeScalars.prefix(300).map {
        $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0)
    }
    return "\"\(String(visible))\""
}

/// Runs a step on a file.
func onFile<Result: ~Copyable>(
    _ step: String,
    _ body: () throws(Errno) -> Result
) throws(TransferError) -> Result {
    do throws(Errno) { return try body() } catch { throw .file(step, error) }
}
