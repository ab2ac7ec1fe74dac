import Testing

@testable import Cgroups

@Suite struct DeviceProgramTests {
    private static let program = DeviceProgram(
        DeviceRule.standard + [
            DeviceRule(.block, major: 7, minor: 0, access: .read),
            DeviceRule(.character, major: 10, minor: nil, access: [.read, .write]),
        ]
    )

    @Test func standardDevicesPassWithEveryAccess() {
        for (major, minor) in [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2)] {
            for access: UInt32 in 1...7 { #expect(passes(.character, access, major, minor)) }
        }
        #expect(passes(.character, 6, 136, 0))
        #expect(passes(.character, 6, 136, 1_000_000))
    }

    @Test func othersAreRefused() {
        #expect(!passes(.character, 2, 1, 1))
        #expect(!passes(.character, 2, 1, 4))
        #expect(!passes(.block, 2, 1, 3))
        #expect(!passes(.block, 2, 8, 0))
        #expect(!passes(.block, 1, 8, 0))
        #expect(!passes(.character, 2, 135, 0))
    }

    @Test func accessIsPartOfTheRule() {
        #expect(passes(.block, 2, 7, 0))
        #expect(!passes(.block, 4, 7, 0))
        #expect(!passes(.block, 6, 7, 0))
        #expect(!passes(.block, 1, 7, 0))
        #expect(!passes(.block, 2, 7, 1))
        #expect(passes(.character, 6, 10, 229))
        #expect(!passes(.character, 1, 10, 229))
    }

    @Test func legacyEntriesSpellTheSame() {
        let entries = [
            DeviceRule(.block, major: 7, minor: 0, access: .read),
            DeviceRule(.character, major: 10, minor: nil, access: [.read, .write]),
        ].map(\.legacyEntry)
        #expect(entries == ["b 7:0 r", "c 10:* rw"])
    }

    /// Runs the few eBPF instructions that the program is made of.
    private func passes(
        _ kind: DeviceRule.Kind,
        _ access: UInt32,
        _ major: Int,
        _ minor: Int
    ) -> Bool {
        let context = [access << 16 | (kind == .block ? 1 : 2), UInt32(major), UInt32(minor)]
        var registers = [UInt32](repeating: 0, count: 11)
        var position = 0
        while Self.program.instructions.indices.contains(position) {
            let word = Self.program.instructions[position]
            let (destination, source) = (Int(word >> 8 & 15), Int(word >> 12 & 15))
            let (offset, constant) = (Int(word >> 16 & 0xFFFF), UInt32(word >> 32))
            position += 1
            switch word & 0xFF {
            case 0x61: registers[destination] = context[offset / 4]
            case 0xBC: registers[destination] = registers[source]
            case 0x54: registers[destination] &= constant
            case 0x74: registers[destination] >>= constant
            case 0xB7: registers[destination] = constant
            case 0x56: position += registers[destination] != constant ? offset : 0
            case 0x95: return registers[0] == 1
            default: return false
            }
        }
        return false
    }
}
