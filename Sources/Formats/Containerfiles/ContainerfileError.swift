/// Why a Containerfile can't be built, and in which line.
package struct ContainerfileError: Error, Equatable, CustomStringConvertible {
    /// The line in which the instruction begins, the first being 1.
    package let line: Int
    /// What is wrong with it.
    package let reason: String

    /// Blames a line.
    package init(line: Int, _ reason: String) {
        self.line = line
        self.reason = reason
    }

    package var description: String { "line \(line): \(reason)" }
}
