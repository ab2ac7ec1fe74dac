internal import CFreestanding
internal import CStage1Plan

/// A list of C strings, ended by a null pointer, as `execve(2)` wants it.
@safe struct TextList {
    let pointers: UnsafeMutablePointer<UnsafePointer<CChar>?>
    let count: Int

    subscript(_ index: Int) -> Text {
        guard let pointer = unsafe pointers[index] else { return "" }
        return unsafe Text(pointer)
    }
}

/// Reads records where they lie: strings are pointers into the plan.
///
/// The plan comes from our own stage0 through a sealed file, so a record that doesn't add up is a bug and ends the program.
@safe struct PlanReader {
    private let bytes: UnsafePointer<UInt8>
    private var at: Int
    private let end: Int

    private init(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) {
        unsafe self.bytes = bytes
        at = start
        self.end = end
    }

    /// Maps the plan behind an inherited descriptor.
    init(descriptor: Int32) throws(Failure) {
        var bytes: UnsafePointer<UInt8>?
        var size = 0
        try check(unsafe k_map_file(descriptor, &bytes, &size), "cannot read the plan")
        guard let bytes = unsafe bytes else { k_exit(254) }
        unsafe self.init(bytes, from: 0, to: size)
    }

    /// The next record, or nil at the end.
    mutating func next() -> (kind: plan_kind, payload: PlanReader)? {
        guard at < end else { return nil }
        let kind = plan_kind(rawValue: UInt32(little(4)))
        let length = Int(little(4))
        need(length)
        let payload = unsafe PlanReader(bytes, from: at, to: at + length)
        at += length
        return kind == plan_end ? nil : (kind, payload)
    }

    mutating func integer() -> UInt64 { little(8) }
    mutating func int() -> Int { Int(truncatingIfNeeded: little(8)) }
    mutating func descriptor() -> Int32 { Int32(truncatingIfNeeded: little(8)) }
    mutating func flag() -> Bool { little(8) != 0 }

    mutating func text() -> Text {
        unsafe Text(UnsafeRawPointer(data().start).assumingMemoryBound(to: CChar.self))
    }

    mutating func data() -> (start: UnsafePointer<UInt8>, count: Int) {
        let count = Int(little(4))
        need(count + 1)
        let start = unsafe bytes + at
        at += count + 1
        return unsafe (start, count)
    }

    mutating func list() -> TextList {
        let count = int()
        need(count)
        let pointers = unsafe allocate(UnsafePointer<CChar>?.self, count + 1)
        for index in 0..<count { unsafe pointers[index] = text().pointer }
        unsafe pointers[count] = nil
        return unsafe TextList(pointers: pointers, count: count)
    }

    private mutating func little(_ count: Int) -> UInt64 {
        need(count)
        var value: UInt64 = 0
        for index in 0..<count { value |= unsafe UInt64(bytes[at + index]) << UInt64(8 * index) }
        at += count
        return value
    }

    private func need(_ count: Int) {
        if count < 0 || count > end - at { fail("the plan is damaged") }
    }
}

/// Ends the program with a line on stderr: for what can't happen or can't be mended.
func fail(_ text: Text) -> Never {
    say(text)
    k_exit(254)
}

/// Prints a line on stderr; an image's names in it can't talk to the terminal (R8).
func say(_ text: Text) {
    let line = Text(joining: "stage1: ", text.printable, "\n")
    _ = unsafe k_write(2, line.pointer, line.count)
}
