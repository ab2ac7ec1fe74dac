package import AppContainer
package import References

/// Finds out where images of a name lie and whose keys sign them, by asking the name's own host (appc meta discovery).
///
/// The page of the whole name is asked first, then with one segment less each time, up to the host. Images and keys are
/// looked for each on their own.
package struct Discovery {
    /// What gets a page.
    package typealias Fetch = (_ url: String, _ limit: Int) -> [UInt8]?

    /// The most segments of a name that are asked for.
    private static let depthLimit = 16
    private static let keyLimit = 8

    private let fetch: Fetch
    private let allowsHTTP: Bool
    private let authority: Authority?

    /// A discovery.
    ///
    /// - Parameters:
    ///   - allowsHTTP: whether a host may be asked by plain http when it doesn't answer by https
    ///     (`--insecure-options=http`).
    ///   - authority: where the host is asked, if the name was typed with a port or an address.
    ///   - fetch: gets a page of at most so many bytes; nil for whatever goes wrong. It checks certificates and doesn't
    ///     follow a redirect from https to http.
    package init(allowsHTTP: Bool, at authority: Authority? = nil, fetch: @escaping Fetch) {
        self.allowsHTTP = allowsHTTP
        self.authority = authority
        self.fetch = fetch
    }

    /// Where images of a name lie; the first is the one to use, none if its host doesn't say.
    package func images(of name: LabelledName) -> [DiscoveredImage] {
        search(name.name) { page in
            page.filter { $0.kind == .image }
                .compactMap { ImageTemplate($0.value).urls(for: name) }
                .filter { allowsHTTP || !$0.isPlainHTTP }
        }
    }

    /// The URLs of the keys that sign images of a name.
    package func keys(for name: ACIdentifier) -> [String] {
        Array(
            search(name) { page in
                page.filter { $0.kind == .keys }.map(\.value)
                    .filter { $0.hasPrefix("https://") || $0.hasPrefix("http://") }
            }.prefix(Self.keyLimit)
        )
    }

    /// The result of the nearest page that has one.
    private func search<Found>(
        _ name: ACIdentifier,
        _ found: ([Endpoint]) -> [Found]
    ) -> [Found] {
        var segments = name.text.split(separator: "/", omittingEmptySubsequences: false)
        guard segments.count <= Self.depthLimit, segments.allSatisfy({ !$0.isEmpty }),
            segments.allSatisfy({ $0 != "." && $0 != ".." })
        else { return [] }
        while let host = segments.first {
            let path = segments.dropFirst().map { "/" + $0 }.joined()
            for scheme in allowsHTTP ? ["https", "http"] : ["https"] {
                let authority = authority?.description ?? String(host)
                let url = "\(scheme)://\(authority)\(path)?ac-discovery=1"
                guard let page = fetch(url, MetaTagReader.pageLimit) else { continue }
                let result = found(Endpoint.all(in: page, for: name.text))
                if !result.isEmpty { return result }
            }
            segments.removeLast()
        }
        return []
    }
}

/// What one meta tag says to the names of a prefix.
private struct Endpoint {
    enum Kind: String {
        case image = "ac-discovery"
        case keys = "ac-discovery-pubkeys"
    }

    let kind: Kind
    let value: String

    /// The endpoints of a page that are meant for a name: its prefix ends where a segment of the name ends.
    static func all(in page: [UInt8], for name: String) -> [Endpoint] {
        MetaTagReader.tags(in: page).compactMap { tag in
            guard let kind = Kind(rawValue: tag.name) else { return nil }
            let parts = tag.content.split(maxSplits: 1) { $0 == " " || $0 == "\n" || $0 == "\t" }
            guard parts.count == 2, name == parts[0] || name.hasPrefix(parts[0] + "/") else {
                return nil
            }
            let value = String(parts[1].prefix { $0 != " " && $0 != "\n" && $0 != "\t" })
            return Endpoint(kind: kind, value: value)
        }
    }
}

extension DiscoveredImage {
    /// Whether something of it would travel by plain http.
    var isPlainHTTP: Bool { image.hasPrefix("http://") || signature.hasPrefix("http://") }
}
