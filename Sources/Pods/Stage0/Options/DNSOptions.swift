internal import Addresses

/// What the apps' `/etc/resolv.conf` is.
package enum DNSOptions: Equatable, Sendable {
    /// The network's, or else the image's own.
    case network
    /// The image's own, whatever the network says.
    case image
    /// The host's file.
    case host
    /// A file made of flags.
    case servers(ResolverConfiguration)

    /// The decision that `--dns`, `--dns-search`, `--dns-opt` and `--dns-domain` make together.
    package init(
        servers: [String],
        search: [String],
        options: [String],
        domain: String
    ) throws(Stage0Error) {
        for special in ["host", "none"] where servers.contains(special) {
            guard servers.count == 1 else {
                throw .flag("no other --dns options allowed when --dns=\(special) is passed")
            }
            guard search.isEmpty, options.isEmpty, domain.isEmpty else {
                throw .flag(
                    "Cannot call --dns-opt, --dns-search, or --dns-domain with --dns=\(special)"
                )
            }
            self = special == "host" ? .host : .image
            return
        }
        if let wrong = servers.first(where: { IPAddress($0) == nil }) {
            throw .flag("Invalid IP passed to --dns: \(wrong)")
        }
        for word in search + options + [domain] where !isOneWord(word) {
            throw .flag("\(word.debugDescription) can't stand in /etc/resolv.conf")
        }
        let flags = ResolverConfiguration(
            servers: servers,
            search: search,
            options: options,
            domain: domain
        )
        self = flags.isEmpty ? .network : .servers(flags)
    }
}

/// The contents of a `resolv.conf(5)`.
package struct ResolverConfiguration: Equatable, Sendable {
    package let servers: [String]
    package let search: [String]
    package let options: [String]
    package let domain: String
    /// Who made the file, behind "Generated".
    package var source = "by rkt run"

    var isEmpty: Bool { servers.isEmpty && search.isEmpty && options.isEmpty && domain.isEmpty }

    /// The file, its lines in rkt's order.
    package var text: String {
        var lines = ["# Generated \(source)", ""]
        if !search.isEmpty { lines.append("search " + search.joined(separator: " ")) }
        lines += servers.map { "nameserver \($0)" }
        if !options.isEmpty { lines.append("options " + options.joined(separator: " ")) }
        if !domain.isEmpty { lines.append("domain " + domain) }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Whether a word can't begin another line or field of a file.
func isOneWord(_ word: String) -> Bool {
    word.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
}
