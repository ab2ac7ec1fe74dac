/// The name `actool`, under which `acbuild` takes the command lines of the specification's own tool.
enum Actool {
    /// The words of `acbuild` that do the same.
    static func words(_ words: [String]) -> [String] {
        guard let index = words.firstIndex(where: { !$0.hasPrefix("-") }), words[index] == "build"
        else { return words }
        var words = words
        words[index] = PackVerb.name
        return words
    }
}
