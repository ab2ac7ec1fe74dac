internal import CFreestanding

/// A C string that lives as long as the program: a literal, an argument or a string of the plan.
@safe struct Text: ExpressibleByStringLiteral, @unchecked Sendable {
    let pointer: UnsafePointer<CChar>

    init(_ pointer: UnsafePointer<CChar>) { unsafe self.pointer = pointer }

    init(stringLiteral literal: StaticString) {
        unsafe pointer = UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// Joins texts and numbers in memory of the program's own.
    init(joining parts: Text...) {
        var size = 1
        for part in parts { size += part.count }
        let buffer = unsafe allocate(CChar.self, size)
        var at = 0
        for part in parts {
            for index in 0..<part.count {
                unsafe buffer[at] = part.pointer[index]
                at += 1
            }
        }
        unsafe buffer[at] = 0
        unsafe pointer = UnsafePointer(buffer)
    }

    /// A decimal number.
    init(_ number: Int) {
        let buffer = unsafe allocate(CChar.self, 24)
        var at = 23
        var rest = number.magnitude
        unsafe buffer[at] = 0
        repeat {
            at -= 1
            unsafe buffer[at] = CChar(48 + rest % 10)
            rest /= 10
        } while rest > 0
        if number < 0 {
            at -= 1
            unsafe buffer[at] = 45
        }
        unsafe pointer = UnsafePointer(buffer + at)
    }

    var isEmpty: Bool { unsafe pointer[0] == 0 }

    var count: Int {
        var count = 0
        while unsafe pointer[count] != 0 { count += 1 }
        return count
    }

    subscript(_ index: Int) -> UInt8 { unsafe UInt8(bitPattern: pointer[index]) }

    func contains(_ byte: UInt8) -> Bool {
        var index = 0
        while self[index] != 0 {
            if self[index] == byte { return true }
            index += 1
        }
        return false
    }

    static func == (left: Text, right: Text) -> Bool {
        var index = 0
        while left[index] == right[index] {
            if left[index] == 0 { return true }
            index += 1
        }
        return false
    }

    /// The text with a question mark for each control character.
    var printable: Text {
        let copy = Text(joining: self)
        let bytes = unsafe UnsafeMutablePointer(mutating: copy.pointer)
        for index in 0..<copy.count {
            // U+0080 to U+009F are control characters too: C2 80 to C2 9F.
            let isLong = copy[index] == 0xC2 && 0x80...0x9F ~= copy[index + 1]
            if copy[index] < 0x20 || copy[index] == 0x7F || isLong {
                unsafe bytes[index] = 0x3F
                if isLong { unsafe bytes[index + 1] = 0x3F }
            }
        }
        return copy
    }

    /// The number, if the text is one: decimal digits only, at most `limit`.
    func decimal(limit: UInt64) -> UInt64? {
        guard !isEmpty else { return nil }
        var value: UInt64 = 0
        var index = 0
        while self[index] != 0 {
            guard self[index] >= 48, self[index] <= 57 else { return nil }
            value = value * 10 + UInt64(self[index] - 48)
            guard value <= limit else { return nil }
            index += 1
        }
        return value
    }
}

/// Memory that is never given back: only for what is set up once.
func allocate<Element>(_ type: Element.Type, _ count: Int) -> UnsafeMutablePointer<Element> {
    let size = MemoryLayout<Element>.stride * (count > 0 ? count : 1)
    // k_allocate ends the program rather than return nothing.
    guard let memory = unsafe k_allocate(size) else { k_exit(254) }
    return unsafe memory.bindMemory(to: Element.self, capacity: count)
}
