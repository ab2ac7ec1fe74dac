internal import Fetching
internal import Linux

/// The program that parses everything that comes from outside; `rkt` starts it.
@main
enum Program {
    static func main() { CurrentProcess.exit(FetcherProgram.main(CommandLine.arguments)) }
}
