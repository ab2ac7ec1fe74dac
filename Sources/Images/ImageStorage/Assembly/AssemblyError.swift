internal import AppContainer
package import References

/// Why an image can't be put together with those that it depends on.
package enum AssemblyError: Error, CustomStringConvertible {
    /// A dependency is neither here nor elsewhere.
    case missing(LabelledName, of: String, FetchError)
    /// What was found isn't what the manifest asks for.
    case mismatch(LabelledName, of: String, found: String)
    /// A dependency has another format than the image.
    case foreign(LabelledName, of: String)
    /// Images that depend on one another in a circle.
    case cycle([String])
    /// Dependencies of dependencies, too many deep.
    case tooDeep(String)
    /// Too many dependencies in all.
    case tooMany(String)
    /// A manifest of the store can't be read.
    case manifest(String, reason: String)
    /// The tree can't be made.
    case rendering(String, StoreError)

    package var description: String {
        switch self {
        case .missing(let name, let image, let error):
            "image \"\(image)\" depends on \"\(name)\": \(error)"
        case .mismatch(let name, let image, let found):
            "image \"\(image)\" depends on \"\(name)\", but found is \(found)"
        case .foreign(let name, let image):
            "image \"\(image)\" depends on \"\(name)\", which is an OCI image: an ACI can be built on ACIs only"
        case .cycle(let names):
            "images depend on one another: " + names.map { "\"\($0)\"" }.joined(separator: " on ")
        case .tooDeep(let image):
            "image \"\(image)\": dependencies more than \(ImageAssembly.deepest) deep"
        case .tooMany(let image):
            "image \"\(image)\": more than \(ImageAssembly.mostParts) dependencies in all"
        case .manifest(let image, let reason): "bad manifest of image \"\(image)\": \(reason)"
        case .rendering(let image, let error): "cannot render image \"\(image)\": \(error)"
        }
    }
}
