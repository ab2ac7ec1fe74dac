internal import AppContainer
package import References

/// Where an image and its signature lie.
package struct DiscoveredImage: Sendable, Hashable {
    /// The URL of the ACI.
    package let image: String
    /// The URL of its signature.
    package let signature: String
}

/// A URL with variables, as the content of `ac-discovery` or a configured origin has it.
package struct ImageTemplate: Sendable, Hashable {
    private let text: String

    /// Takes a template as it is.
    package init(_ text: String) { self.text = text }

    /// The URLs for a name; nil if a variable has no value, or what comes out isn't a URL of the web.
    ///
    /// Variables are `{name}`, the labels, and `{ext}`: `aci`, and `aci.asc` for the signature. The labels `os` and `arch`
    /// are those of this machine unless the name has them, `version` is `latest`.
    package func urls(for name: LabelledName) -> DiscoveredImage? {
        var values = name.labelValues
        values["name"] = name.name.text
        values["version"] = values["version"] ?? "latest"
        values["os"] = values["os"] ?? HostPlatform.operatingSystem
        values["arch"] = values["arch"] ?? HostPlatform.architecture
        values["ext"] = "aci"
        let image = filled(values)
        values["ext"] = "aci.asc"
        guard let image, let signature = filled(values) else { return nil }
        return DiscoveredImage(image: image, signature: signature)
    }

    /// In one pass: a value that looks like a variable is none.
    private func filled(_ values: [String: String]) -> String? {
        var result = ""
        var rest = Substring(text)
        while let start = rest.firstIndex(of: "{") {
            result += rest[..<start]
            guard let end = rest[start...].firstIndex(of: "}"),
                let value = values[String(rest[rest.index(after: start)..<end])],
                Self.isPlain(value)
            else { return nil }
            result += value
            rest = rest[rest.index(after: end)...]
        }
        result += rest
        guard result.hasPrefix("https://") || result.hasPrefix("http://"), !result.contains("}")
        else { return nil }
        return result
    }

    /// A label may hold anything; in a URL it must neither begin a query nor climb a path nor name another host.
    private static func isPlain(_ value: String) -> Bool {
        let segments = value.split(separator: "/", omittingEmptySubsequences: false)
        return segments.allSatisfy { $0 != "." && $0 != ".." }
            && value.utf8.allSatisfy { 0x21...0x7E ~= $0 && !"?#@\\%:[]{}\"<>".utf8.contains($0) }
    }
}
