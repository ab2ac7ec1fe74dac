/// One instruction of classic BPF, laid out as the kernel's `struct sock_filter`.
package struct BPFInstruction: Equatable, Sendable {
    package let code: UInt16
    package let jumpIfTrue: UInt8
    package let jumpIfFalse: UInt8
    package let constant: UInt32

    private init(_ code: UInt16, _ constant: UInt32, _ onTrue: UInt8 = 0, _ onFalse: UInt8 = 0) {
        self.code = code
        jumpIfTrue = onTrue
        jumpIfFalse = onFalse
        self.constant = constant
    }

    /// The eight bytes as one little-endian word, the form in which a plan carries a program.
    package var word: UInt64 {
        UInt64(code) | UInt64(jumpIfTrue) << 16 | UInt64(jumpIfFalse) << 24 | UInt64(constant) << 32
    }
}

extension BPFInstruction {
    /// `BPF_LD | BPF_W | BPF_ABS`: loads a word of `struct seccomp_data`.
    static func load(offset: Int) -> BPFInstruction { BPFInstruction(0x20, UInt32(offset)) }

    /// `BPF_ALU | BPF_AND | BPF_K`.
    static func and(_ mask: UInt32) -> BPFInstruction { BPFInstruction(0x54, mask) }

    /// `BPF_JMP | BPF_JEQ | BPF_K`.
    static func jumpIfEqual(_ value: UInt32, _ onTrue: UInt8, _ onFalse: UInt8) -> BPFInstruction {
        BPFInstruction(0x15, value, onTrue, onFalse)
    }

    /// `BPF_JMP | BPF_JGE | BPF_K`.
    static func jumpIfAtLeast(_ value: UInt32, _ onTrue: UInt8, _ onFalse: UInt8) -> BPFInstruction
    {
        BPFInstruction(0x35, value, onTrue, onFalse)
    }

    /// `BPF_JMP | BPF_JSET | BPF_K`.
    static func jumpIfAnyBit(_ mask: UInt32, _ onTrue: UInt8, _ onFalse: UInt8) -> BPFInstruction {
        BPFInstruction(0x45, mask, onTrue, onFalse)
    }

    /// `BPF_JMP | BPF_JA`.
    static func jump(_ distance: Int) -> BPFInstruction { BPFInstruction(0x05, UInt32(distance)) }

    /// `BPF_RET | BPF_K`.
    static func `return`(_ action: Action) -> BPFInstruction {
        BPFInstruction(0x06, action.returnValue)
    }
}
