/// The system calls one gate decides.
struct SystemCallSection: Sendable {
    let gate: Gate
    private let entries: StaticString

    init(_ gate: Gate, _ entries: StaticString) {
        self.gate = gate
        self.entries = entries
    }

    /// Calls `body` with the number of each call that the architecture has.
    func forEachNumber(on architecture: Architecture, _ body: (Int) -> Void) {
        unsafe scan(architecture) { number, _ in body(number) }
    }

    /// Calls `body` with the name and number of each call that the architecture has.
    func forEachCall(on architecture: Architecture, _ body: (String, Int) -> Void) {
        unsafe scan(architecture) { number, name in
            body(unsafe String(decoding: name, as: UTF8.self), number)
        }
    }

    /// One pass over the bytes, because this runs at every start of a pod.
    private func scan(
        _ architecture: Architecture,
        _ body: (Int, UnsafeBufferPointer<UInt8>.SubSequence) -> Void
    ) {
        let wanted = architecture == .x86 ? 1 : 2
        entries.withUTF8Buffer { text in
            var (start, nameEnd, field, number) = (0, 0, 0, -1)
            for position in 0...text.count {
                let byte = position < text.count ? unsafe text[position] : UInt8(ascii: "\n")
                switch byte {
                case UInt8(ascii: ":"):
                    if field == 0 { nameEnd = position }
                    field += 1
                case UInt8(ascii: " "), UInt8(ascii: "\n"):
                    if number >= 0 { unsafe body(number, text[start..<nameEnd]) }
                    (start, field, number) = (position + 1, 0, -1)
                case UInt8(ascii: "0")...UInt8(ascii: "9") where field == wanted:
                    number = max(number, 0) * 10 + Int(byte - UInt8(ascii: "0"))
                default:
                    break
                }
            }
        }
    }
}
