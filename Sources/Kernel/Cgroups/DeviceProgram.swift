/// A device policy as the eBPF program that a version 2 cgroup runs at each open and mknod.
///
/// The kernel calls it with `struct bpf_cgroup_dev_ctx` (access and type, major, minor) in r1;
/// 1 in r0 lets the device pass.
struct DeviceProgram {
    private(set) var instructions: [UInt64] = []

    init(_ rules: [DeviceRule]) {
        append(0x61, to: .access, from: .context, offset: 0)
        append(0xBC, to: .type, from: .access)
        append(0x54, to: .type, constant: 0xFFFF)
        append(0x74, to: .access, constant: 16)
        append(0x61, to: .major, from: .context, offset: 4)
        append(0x61, to: .minor, from: .context, offset: 8)
        for rule in rules { append(rule) }
        append(0xB7, to: .result, constant: 0)
        append(0x95)
    }

    private enum Register: UInt64 {
        case result = 0
        case context = 1
        case type = 2
        case access = 3
        case major = 4
        case minor = 5
        case refused = 6
    }

    /// `linux/bpf.h`: each test that fails skips to the next rule.
    private mutating func append(_ rule: DeviceRule) {
        let jumpIfUnequal: UInt64 = 0x56
        let tail = (rule.minor == nil ? 0 : 1) + 2
        append(jumpIfUnequal, to: .type, offset: tail + 4, constant: rule.kind == .block ? 1 : 2)
        append(0xBC, to: .refused, from: .access)
        append(0x54, to: .refused, constant: ~rule.access.rawValue)
        append(jumpIfUnequal, to: .refused, offset: tail + 1, constant: 0)
        append(jumpIfUnequal, to: .major, offset: tail, constant: rule.major)
        if let minor = rule.minor {
            append(jumpIfUnequal, to: .minor, offset: tail - 1, constant: minor)
        }
        append(0xB7, to: .result, constant: 1)
        append(0x95)
    }

    private mutating func append(
        _ code: UInt64,
        to destination: Register = .result,
        from source: Register = .result,
        offset: Int = 0,
        constant: UInt32 = 0
    ) {
        let place = UInt64(UInt16(truncatingIfNeeded: offset))
        instructions.append(
            code | destination.rawValue << 8 | source.rawValue << 12 | place << 16
                | UInt64(constant) << 32
        )
    }
}
