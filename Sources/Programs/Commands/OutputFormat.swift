internal import JSON

/// How a command prints what it knows (`--format`).
enum OutputFormat: String {
    case text = ""
    case json
    case prettyJSON = "json-pretty"

    static func flag<C: Command>(
        _ set: @escaping (inout C, OutputFormat) -> Void
    ) -> Flag<C> {
        .string(
            "format",
            "choose the output format, allowed format includes 'json', 'json-pretty'. "
                + "If empty, then the result is printed as key value pairs"
        ) { command, text throws(CommandError) in
            guard let format = OutputFormat(rawValue: text) else {
                throw .value("it is not \"json\" or \"json-pretty\"")
            }
            set(&command, format)
        }
    }

    /// A document in this format; nil if it isn't one of JSON.
    func encoded(_ document: @autoclosure () -> JSON) -> String? {
        switch self {
        case .text: nil
        case .json: document().printable(.compact)
        case .prettyJSON: document().printable(.tabs)
        }
    }
}
