/// `rkt image fetch`: another name of `rkt fetch`, which takes over.
struct ImageFetchCommand: Command {
    static let name = "image fetch"
    static let summary = FetchCommand.summary
    static let usage = FetchCommand.usage
    static let details = FetchCommand.details

    mutating func run(_ context: Context) throws { throw CommandError.usage(Self.usage) }
}
