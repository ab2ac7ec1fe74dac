internal import BuildCommands

@main struct Program {
    static func main() { Acbuild.start() }
}
