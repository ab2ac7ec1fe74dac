internal import JSON

/// What `rkt-fetcher` tells `rkt` while it works: one line of JSON each.
package enum FetchEvent: Equatable, Sendable {
    /// So many bytes of so many are read.
    case progress(done: UInt64, total: UInt64)
    /// Something the user should know; the import goes on.
    case warning(String)
    /// The image carries a good signature by this signer.
    case verified(signer: String)
    /// Another process is downloading the same; this one waits for it.
    case waiting
    /// An image, or a key if there is no signature, was found at this URL.
    case found(url: String, signature: String?)
    /// The other place still has what it had before. The last event of a work on the network.
    case unchanged
    /// The other place has it: under this entity tag or digest, to be used for so many seconds without asking again.
    case remote(tag: String, maximumAge: Int64)
    /// The image is in the store. The last event.
    case stored(ImageID)
    /// It didn't work. The last event.
    case failed(String)

    /// The longest line: what is written at once never mixes with another line.
    package static let lengthLimit = 4096

    /// The event as a line.
    package var line: String {
        let json: JSON =
            switch self {
            case .progress(let done, let total):
                .object([
                    .init("done", .integer(Int64(clamping: done))),
                    .init("total", .integer(Int64(clamping: total))),
                ])
            case .warning(let text): .object([.init("warning", .string(Self.cut(text)))])
            case .verified(let signer): .object([.init("verified", .string(Self.cut(signer)))])
            case .found(let url, let signature):
                .object([
                    .init("found", .string(url)),
                    .init("signature", signature.map { .string($0) } ?? .null),
                ])
            case .waiting: .object([.init("waiting", .bool(true))])
            case .unchanged: .object([.init("unchanged", .bool(true))])
            case .remote(let tag, let maximumAge):
                .object([
                    .init("remote", .string(Self.cut(tag))),
                    .init("maximumAge", .integer(maximumAge)),
                ])
            case .stored(let id): .object([.init("stored", .string(id.description))])
            case .failed(let text): .object([.init("failed", .string(Self.cut(text)))])
            }
        return json.encoded() + "\n"
    }

    /// Reads a line; nil if it isn't an event.
    package init?(line: some Sequence<UInt8>) {
        guard let json = try? JSON.parse(Array(line), limit: Self.lengthLimit) else { return nil }
        if let text = json["failed"]?.string {
            self = .failed(text)
        } else if let text = json["warning"]?.string {
            self = .warning(text)
        } else if let signer = json["verified"]?.string {
            self = .verified(signer: signer)
        } else if let id = json["stored"]?.string.flatMap({ ImageID($0) }) {
            self = .stored(id)
        } else if let url = json["found"]?.string {
            self = .found(url: url, signature: json["signature"]?.string)
        } else if let tag = json["remote"]?.string {
            self = .remote(tag: tag, maximumAge: json["maximumAge"]?.integer ?? 0)
        } else if json["waiting"]?.bool == true {
            self = .waiting
        } else if json["unchanged"]?.bool == true {
            self = .unchanged
        } else if let done = json["done"]?.integer.flatMap(UInt64.init(exactly:)),
            let total = json["total"]?.integer.flatMap(UInt64.init(exactly:))
        {
            self = .progress(done: done, total: total)
        } else {
            return nil
        }
    }

    /// A text of an image may be long and grows when it is escaped.
    private static func cut(_ text: String) -> String { String(text.unicodeScalars.prefix(500)) }
}
