internal import Commands

@main struct Program {
    static func main() { Rkt.start() }
}
