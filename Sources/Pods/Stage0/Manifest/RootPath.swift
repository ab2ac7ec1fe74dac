/// An absolute path in an app's root, with `.`, `..` and doubled slashes taken out; a relative one begins at the root.
///
/// Links are not known here: they are resolved inside the root when the path is used.
struct RootPath: Hashable {
    let components: [String]

    init(_ text: String) {
        var components: [String] = []
        for component in text.split(separator: "/") where component != "." {
            if component == ".." {
                _ = components.popLast()
            } else {
                components.append(String(component))
            }
        }
        self.components = components
    }

    var text: String { "/" + components.joined(separator: "/") }

    /// Whether this is the other path or lies below it.
    func isWithin(_ other: RootPath) -> Bool { components.starts(with: other.components) }

    /// Whether this is one of the paths or lies below one of them.
    func isWithin(any paths: String...) -> Bool { paths.contains { isWithin(RootPath($0)) } }
}
