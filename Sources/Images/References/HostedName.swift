internal import AppContainer

/// A name of an image whose host was typed with a port, or is an IPv6 address: `example.com:8443/app:v1`, `[::1]:5000/app`.
///
/// The port says where the host is asked and is no part of the image's name (appc has a port override of discovery, and no
/// colon in names); an image of a registry has it in its name, with `_` for the colon.
package struct HostedName: Sendable, Hashable, CustomStringConvertible {
    /// Where the name's host is asked.
    package let host: Authority
    /// The name and labels that an image from there has.
    package let name: LabelledName

    /// Reads `HOST:PORT/PATH` and `[ADDRESS][:PORT]/PATH` with a version and labels; nil if the text doesn't begin so.
    ///
    /// A host without a port is the beginning of an ordinary name, and what follows a colon but isn't a number and a path is
    /// that name's version.
    package init?(_ text: String) throws(ReferenceError) {
        guard let slash = text.firstIndex(of: "/") else { return nil }
        let typed = text[..<slash]
        let port = typed.drop { $0 != ":" }.dropFirst()
        let isNumber = !port.isEmpty && port.utf8.allSatisfy { 0x30...0x39 ~= $0 }
        guard isNumber || typed.hasPrefix("[") else { return nil }
        guard let host = Authority(typed) else { throw .host(String(typed)) }
        try self.init(host, name: LabelledName("\(host.nameOfHost)\(text[slash...])"))
    }

    /// Reads the beginning of names whose host has a port or is an address; it may be that host alone, `example.com:8443`.
    ///
    /// A prefix has no version, so what follows a colon is a port.
    package init?(prefix text: String) throws(ReferenceError) {
        if text.contains("/") {
            try self.init(text)
        } else {
            guard text.contains(":") || text.hasPrefix("[") else { return nil }
            guard let host = Authority(text) else { throw .host(text) }
            try self.init(host, name: LabelledName(host.nameOfHost))
        }
    }

    private init(_ host: Authority, name: LabelledName) {
        (self.host, self.name) = (host, name)
    }

    /// The name without labels, as configuration files have it.
    package var typedName: String {
        "\(host)\(name.name.text.dropFirst(host.nameOfHost.utf8.count))"
    }

    /// The name as an image of that host as a registry; nil if it can't be one.
    package var registryImage: DockerReference? {
        try? DockerReference(typedName + (name.version.map { ":\($0)" } ?? ""))
    }

    package var description: String {
        typedName + name.description.dropFirst(name.name.text.utf8.count)
    }
}
