internal import Archives

/// What was left out of an image, in words for the user; an archive can't make the list grow for ever.
struct Warnings {
    private(set) var messages: [String] = []
    private var omitted = 0

    /// Adds a sentence.
    mutating func add(_ message: @autoclosure () -> String) {
        guard messages.count < 20 else {
            omitted += 1
            return
        }
        messages.append(message())
    }

    /// Says that attributes of an entry were left out.
    mutating func addAttributes(of entry: TarEntry) {
        add("extended attributes of \"\(entry.printablePath)\" left out")
    }

    /// All sentences, with the number of those that weren't kept.
    var all: [String] { omitted == 0 ? messages : messages + ["and \(omitted) more"] }
}
