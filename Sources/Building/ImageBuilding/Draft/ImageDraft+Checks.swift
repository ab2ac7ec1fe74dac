internal import AppContainer
package import JSON
internal import Linux
internal import OCI
internal import PodLifecycle

extension ImageDraft {
    /// Replaces the whole manifest of an ACI, or the configuration of an OCI image.
    package mutating func replaceManifest(_ bytes: [UInt8]) throws(BuildError) {
        switch content {
        case .appc:
            content = .appc(
                try parsing { () throws(ManifestError) in try ImageManifest(parsing: bytes) }
            )
        case .oci(var image):
            do throws(OCIError) {
                var configuration = try ImageConfiguration(parsing: bytes)
                // What the layers are is known better here.
                configuration.diffIDs = []
                configuration.history = image.configuration.history
                image.configuration = configuration
            } catch { throw .invalid(error.description) }
            content = .oci(image)
        }
    }

    /// The manifest of the ACI, or the configuration of the OCI image.
    package var manifest: JSON {
        switch content {
        case .appc(let manifest): manifest.json
        case .oci(let image): image.configuration.json
        }
    }

    /// Notes the command that changed the image.
    ///
    /// - Parameters:
    ///   - words: the verb and its arguments, without flags.
    ///   - changesFiles: whether it is one of the commands that made the topmost layer.
    package mutating func addHistory(
        _ words: [String],
        changesFiles: Bool = false,
        date: SourceDate
    ) throws(BuildError) {
        let verb = words.prefix(1) + words.dropFirst().map { goQuoted($0) }
        let text = "acbuild " + verb.joined(separator: " ")
        switch content {
        case .appc(var manifest):
            let numbers = manifest.annotations.compactMap { annotation -> Int? in
                guard annotation.name.text.hasPrefix(OCINames.command) else { return nil }
                return Int(annotation.name.text.dropFirst(OCINames.command.count))
            }
            let number = (numbers.max() ?? 0) + 1
            let name = try identifier("\(OCINames.command)\(number)")
            manifest.annotations.append(Annotation(name: name, value: text))
            content = .appc(manifest)
        case .oci(var image):
            let told = image.configuration.history.count { !$0.isEmptyLayer }
            let isFirst = changesFiles && told < layers.count
            image.configuration.history.append(
                .init(created: date.created, createdBy: text, isEmptyLayer: !isFirst)
            )
            content = .oci(image)
        }
    }
}

/// Refuses a manifest that no reader would take, whatever it was made of.
func check(_ manifest: ImageManifest) throws(BuildError) {
    _ = try parsing { () throws(ManifestError) in try ImageManifest(json: manifest.json) }
}

extension Annotation {
    /// Two annotations have values with a grammar (appc specification, Image Manifest Schema).
    func checkValue() throws(BuildError) {
        switch name.text {
        case "homepage", "documentation":
            guard value.hasPrefix("http://") || value.hasPrefix("https://") else {
                throw .invalid("\(name): \"\(value)\" is not an http or https URL")
            }
        case "created":
            guard Time(rfc3339: value.utf8) != nil else {
                throw .invalid("\(name): \"\(value)\" is not a time as RFC 3339 writes it")
            }
        default: return
        }
    }
}

/// Puts an element in the place of one that matches, or at the end.
func put<Element>(
    _ element: Element,
    into list: inout [Element],
    where matches: (Element) -> Bool
) {
    guard let index = list.firstIndex(where: matches) else { return list.append(element) }
    list[index] = element
    list = list[...index] + list[(index + 1)...].filter { !matches($0) }
}

/// Takes out what matches; nothing is `.notFound`.
func remove<Element>(
    _ what: String,
    from list: inout [Element],
    where matches: (Element) -> Bool
) throws(BuildError) {
    guard list.contains(where: matches) else { throw .notFound(what) }
    list.removeAll(where: matches)
}

func parsing<Value>(_ body: () throws(ManifestError) -> Value) throws(BuildError) -> Value {
    do throws(ManifestError) { return try body() } catch { throw .invalid(error.description) }
}

func identifier(_ text: String) throws(BuildError) -> ACIdentifier {
    try parsing { () throws(ManifestError) in try ACIdentifier(text) }
}

func acName(_ text: String) throws(BuildError) -> ACName {
    try parsing { () throws(ManifestError) in try ACName(text) }
}

/// The text in quotes as Go's `%q` writes it.
func goQuoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\t": result += "\\t"
        case "\r": result += "\\r"
        default:
            switch scalar.properties.generalCategory {
            case .control where scalar.value < 0x80:
                let hex = String(scalar.value, radix: 16)
                result += "\\x" + (hex.utf8.count < 2 ? "0" : "") + hex
            case .control, .format, .lineSeparator, .paragraphSeparator:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: max(0, 4 - hex.utf8.count)) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
    return result + "\""
}
