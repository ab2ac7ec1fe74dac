@testable import Seccomp

/// Runs a filter program as the kernel would.
func interpret(
    _ program: [BPFInstruction],
    number: UInt32,
    architecture: UInt32,
    arguments: [UInt64] = []
) -> UInt32? {
    var data = [number, architecture, 0, 0]
    for index in 0..<6 {
        let argument = index < arguments.count ? arguments[index] : 0
        data += [UInt32(truncatingIfNeeded: argument), UInt32(argument >> 32)]
    }
    var (accumulator, position): (UInt32, Int) = (0, 0)
    while position < program.count {
        let instruction = program[position]
        let constant = instruction.constant
        position += 1
        func jump(_ condition: Bool) {
            position += Int(condition ? instruction.jumpIfTrue : instruction.jumpIfFalse)
        }
        switch instruction.code {
        case 0x20: accumulator = data[Int(constant) / 4]
        case 0x54: accumulator &= constant
        case 0x15: jump(accumulator == constant)
        case 0x35: jump(accumulator >= constant)
        case 0x45: jump(accumulator & constant != 0)
        case 0x05: position += Int(constant)
        case 0x06: return constant
        default: return nil
        }
    }
    return nil
}

extension Rule {
    /// What the rule means, told without any BPF.
    func action(_ arguments: [UInt64]) -> Action {
        for one in cases where one.all.allSatisfy({ arguments[$0.argument] & $0.mask == $0.value })
        {
            return one.action
        }
        return otherwise
    }
}

extension SeccompProgram {
    /// The answer to a native call by name; nil where the call doesn't exist.
    func answer(
        _ name: String,
        _ arguments: UInt64...,
        on architecture: Architecture = .x86
    ) -> Action? {
        guard let number = SystemCallNames(architecture)[name] else { return nil }
        let value = interpret(
            instructions,
            number: UInt32(number),
            architecture: architecture.auditNumber,
            arguments: arguments
        )
        guard let value else { return nil }
        return value == Action.allow.returnValue ? .allow : .error(UInt16(value & 0xFFFF))
    }
}
