/// The protections a user may switch off, each for itself (`--insecure-options`).
package struct InsecureOptions: OptionSet, Sendable {
    package let rawValue: UInt16

    /// Options from their bits.
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Image signatures aren't checked.
    package static let image = InsecureOptions(rawValue: 1 << 0)
    /// Certificates of https servers aren't checked.
    package static let tls = InsecureOptions(rawValue: 1 << 1)
    /// Plain http is allowed.
    package static let http = InsecureOptions(rawValue: 1 << 2)
    /// Keys may come over plain http.
    package static let pubkey = InsecureOptions(rawValue: 1 << 3)
    /// Apps keep all capabilities.
    package static let capabilities = InsecureOptions(rawValue: 1 << 4)
    /// No path of /proc and /sys is hidden or read-only, no device closed, no AppArmor profile set.
    package static let paths = InsecureOptions(rawValue: 1 << 5)
    /// No system call is filtered.
    package static let seccomp = InsecureOptions(rawValue: 1 << 6)
    /// Accepted for old scripts, without effect.
    package static let onDisk = InsecureOptions(rawValue: 1 << 7)
    /// Everything that protects fetching.
    package static let allFetch: InsecureOptions = [.image, .tls, .http, .pubkey]
    /// Everything that protects running.
    package static let allRun: InsecureOptions = [.capabilities, .paths, .seccomp]
    /// Everything.
    package static let all: InsecureOptions = [.allFetch, .allRun, .onDisk]

    static var names: [(name: String, options: InsecureOptions)] {
        [
            ("none", []), ("image", .image), ("tls", .tls), ("ondisk", .onDisk),
            ("http", .http), ("pubkey", .pubkey), ("capabilities", .capabilities),
            ("paths", .paths), ("seccomp", .seccomp), ("all-fetch", .allFetch),
            ("all-run", .allRun), ("all", .all),
        ]
    }

    /// The names of single options that these are.
    var list: [String] {
        Self.names.filter { $0.options.rawValue.nonzeroBitCount == 1 && contains($0.options) }
            .map(\.name)
    }

    /// Reads the names of a list, in either case, each at most once.
    init(_ list: [String]) throws(CommandError) {
        self = []
        var seen: [String] = []
        for item in list {
            let name = item.lowercased()
            guard let entry = Self.names.first(where: { $0.name == name }) else {
                throw .value("unknown option \"\(item)\"")
            }
            guard !seen.contains(name) else { throw .value("duplicated option \"\(item)\"") }
            seen.append(name)
            formUnion(entry.options)
        }
    }
}
