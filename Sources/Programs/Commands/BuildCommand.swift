internal import Linux

/// `rkt build`: `acbuild build`, of the program beside this one.
struct BuildCommand: Command {
    static let name = "build"
    static let summary = "Build the image of a Containerfile into the local store"
    static let usage =
        "--tag=NAME[:TAG] [--file=FILE] [--build-arg=NAME=VALUE ...] [DIRECTORY]"
    static let details = """
        DIRECTORY is what files are copied from, "." unless it is told; without --file its Containerfile or Dockerfile is
        built. It is the same as acbuild build, whose help lists all flags.
        """

    private var globals = GlobalOptions()

    init() {}

    /// The flags are acbuild's to read.
    mutating func parse(
        _ arguments: inout ArgumentParser<Self>
    ) throws(CommandError) -> [String] {
        globals = arguments.globals
        return arguments.takeRest()
    }

    mutating func run(_ context: Context) throws {
        let own = CurrentProcess.executablePath
        let directory = own.lastIndex(of: "/").map { String(own[...$0]) } ?? ""
        let arguments = ["acbuild"] + globals.arguments + ["build"] + context.arguments
        do throws(Errno) {
            try CurrentProcess.execute(
                directory + "acbuild",
                arguments: arguments,
                environment: Environment.entries
            )
        } catch {
            throw CommandError.failed("cannot start \"\(directory)acbuild\": \(error)")
        }
    }
}
