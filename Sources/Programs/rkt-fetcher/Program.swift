internal import Fetching
internal import ImageBuilding
internal import Linux

/// The program that parses everything that comes from outside; `rkt` starts it.
@main
enum Program {
    static func main() {
        let arguments = CommandLine.arguments
        if ExportProgram.isMeant(by: arguments) { CurrentProcess.exit(ExportProgram.run()) }
        CurrentProcess.exit(FetcherProgram.main(arguments))
    }
}
