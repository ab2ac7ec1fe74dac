internal import CStage1Plan

/// Writes a plan's records: see `CStage1Plan.h` for the format.
struct PlanWriter {
    private(set) var bytes: [UInt8] = []

    mutating func record(_ kind: plan_kind, _ body: (inout PlanWriter) -> Void) {
        let header = bytes.count
        append(UInt64(kind.rawValue), bytes: 4)
        append(0, bytes: 4)
        body(&self)
        let length = UInt32(bytes.count - header - 8)
        for index in 0..<4 {
            bytes[header + 4 + index] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(index)))
        }
    }

    mutating func integer(_ value: some BinaryInteger) {
        append(UInt64(truncatingIfNeeded: value), bytes: 8)
    }

    mutating func flag(_ value: Bool) { integer(value ? 1 : 0) }

    /// A string ends at its first NUL: the kernel reads no further, so nothing behind it may look different to us.
    mutating func string(_ value: String) {
        data(Array(value.utf8.prefix { $0 != 0 }))
    }

    mutating func data(_ value: [UInt8]) {
        append(UInt64(value.count), bytes: 4)
        bytes.append(contentsOf: value)
        bytes.append(0)
    }

    mutating func strings(_ values: [String]) {
        integer(values.count)
        for value in values { string(value) }
    }

    mutating func pairs(_ values: [MountOption]) {
        integer(values.count)
        for value in values {
            string(value.key)
            string(value.value)
        }
    }

    private mutating func append(_ value: UInt64, bytes count: UInt64) {
        for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
}
