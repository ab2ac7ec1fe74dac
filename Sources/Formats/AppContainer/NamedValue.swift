package import JSON

/// A label or annotation: an identifier and any text.
package struct NamedValue: Sendable, Hashable {
    /// What is told.
    package var name: ACIdentifier
    /// What is told about it.
    package var value: String

    /// Makes a pair.
    package init(name: ACIdentifier, value: String) {
        self.name = name
        self.value = value
    }
}

/// A property of an image that it can be asked for by, such as `version` or `arch`.
package typealias Label = NamedValue

/// Anything else that is told about an image, app or pod.
package typealias Annotation = NamedValue

extension NamedValue: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        name = try cursor.required("name").parsed(ACIdentifier.init(_:))
        value = try cursor.optional("value")?.string() ?? ""
    }

    package var json: JSON {
        ["name": .string(name.text), "value": .string(value)]
    }
}

extension [NamedValue] {
    /// The value told under `name`.
    package subscript(_ name: String) -> String? {
        first { $0.name.text == name }?.value
    }
}
