/// A processor architecture whose system calls we know.
package enum Architecture: Sendable, CaseIterable {
    case x86
    case arm64

    #if arch(x86_64)
    /// The architecture this program was built for.
    package static let native = Architecture.x86
    #elseif arch(arm64)
    /// The architecture this program was built for.
    package static let native = Architecture.arm64
    #endif

    /// The value of `seccomp_data.arch`: `AUDIT_ARCH_*` in `linux/audit.h`.
    package var auditNumber: UInt32 {
        switch self {
        case .x86: 0xC000_003E
        case .arm64: 0xC000_00B7
        }
    }

    /// The bit that marks the numbers of a second ABI under the same audit number (x32).
    package var foreignBit: UInt32? {
        switch self {
        case .x86: 0x4000_0000
        case .arm64: nil
        }
    }
}
