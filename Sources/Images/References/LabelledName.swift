package import AppContainer

/// What an image is called: a name, and labels of which `version` is written behind a colon.
///
/// This is both what a user asks for and what the store lists. An OCI image has one too: its repository and,
/// as its version, its tag.
package struct LabelledName: Sendable, Hashable, CustomStringConvertible {
    /// The name without version.
    package var name: ACIdentifier
    /// The labels, each name once, sorted by name.
    package let labels: [Label]

    /// Makes a name; of two labels of one name the first counts.
    package init(_ name: ACIdentifier, labels: [Label] = []) {
        self.name = name
        var seen: Set<ACIdentifier> = []
        self.labels = labels.filter { seen.insert($0.name).inserted }
            .sorted { $0.name.text < $1.name.text }
    }

    /// Makes a name with a version.
    package init(_ name: ACIdentifier, version: String?) {
        self.init(name, labels: version.map { [Label(name: Self.versionLabel, value: $0)] } ?? [])
    }

    /// Reads `NAME[:VERSION][,LABEL=VALUE…]`.
    package init(_ text: String) throws(ReferenceError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let head = (parts.first ?? "").split(
            separator: ":",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        var labels: [Label] = []
        if head.count == 2 {
            guard !head[1].isEmpty, !head[1].contains(":") else { throw .label(text) }
            labels.append(Label(name: Self.versionLabel, value: String(head[1])))
        }
        for part in parts.dropFirst() {
            guard let equals = part.firstIndex(of: "=") else { throw .label(String(part)) }
            let name = try identifier(String(part[..<equals]))
            guard name.text != "name", labels[name.text] == nil else { throw .label(String(part)) }
            labels.append(Label(name: name, value: String(part[part.index(after: equals)...])))
        }
        self.init(try identifier(String(head.first ?? "")), labels: labels)
    }

    /// The value of the label `version`.
    package var version: String? { labels["version"] }

    /// The values of the labels by their names.
    package var labelValues: [String: String] {
        Dictionary(labels.map { ($0.name.text, $0.value) }) { first, _ in first }
    }

    /// `NAME[:VERSION]`, as `image list` shows it.
    package var displayName: String {
        version.map { "\(name):\($0)" } ?? name.text
    }

    /// `NAME[:VERSION][,LABEL=VALUE…]`, the same for equal names: a key.
    package var description: String {
        let others = labels.filter { $0.name != Self.versionLabel }
        return others.reduce(displayName) { "\($0),\($1.name)=\($1.value)" }
    }

    /// Whether an image so called is what this name asks for: it has every label asked for.
    package func matches(_ image: LabelledName) -> Bool {
        name == image.name && labels.allSatisfy { image.labels[$0.name.text] == $0.value }
    }

    /// The name that an app of this image gets unless it is told: the last part, sanitised.
    package var appName: ACName? {
        try? ACName(sanitizing: String(name.lastComponent))
    }

    private static let versionLabel = ACIdentifier(known: "version")
}

extension LabelledName {
    /// The name of an image from a registry.
    package init(_ reference: DockerReference) {
        self.init(reference.name, version: reference.tag)
    }

    /// The name of an image in an OCI layout or archive at `path`: what the layout calls it if that is a
    /// whole reference, else the last part of the path, with the tag as its version.
    package init(path: String, referenceName: String?) throws(ReferenceError) {
        if let referenceName, referenceName.contains(where: { $0 == "/" || $0 == ":" }),
            let reference = try? DockerReference(referenceName)
        {
            self.init(reference)
            return
        }
        var base = path.split(separator: "/").last.map(String.init) ?? ""
        for suffix in [".tar", ".oci", ".tgz"] where base.hasSuffix(suffix) {
            base.removeLast(suffix.count)
        }
        do {
            let plain = LabelledName(try ACIdentifier(sanitizing: base), version: referenceName)
            if plain.isTypable {
                self = plain
            } else {
                self.init(try ACIdentifier(sanitizing: "image-\(base)"), version: referenceName)
            }
        } catch {
            throw .manifest(error)
        }
    }
}

extension LabelledName {
    /// Whether its text means this name, and not a place such as `oci:latest`.
    private var isTypable: Bool {
        let reference = try? ImageReference(displayName) { _ in .missing }
        return reference == .appc(self)
    }
}

private func identifier(_ text: String) throws(ReferenceError) -> ACIdentifier {
    do {
        return try ACIdentifier(text)
    } catch {
        throw .manifest(error)
    }
}
