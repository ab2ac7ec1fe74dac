package import JSON

/// A limit or permission of an app or a pod (appc specification, App Container Executor, Isolators).
package enum Isolator: Sendable, Hashable {
    /// `resource/memory`, in bytes.
    case memory(ResourceRange)
    /// `resource/cpu`, in cores.
    case cpu(ResourceRange)
    /// `resource/block-bandwidth`, in bytes a second.
    case blockBandwidth(Quantity)
    /// `resource/block-iops`, in operations a second.
    case blockIOPS(Quantity)
    /// `resource/network-bandwidth`, in bits a second.
    case networkBandwidth(Quantity)
    /// `os/linux/cpu-shares`, 2 to 262144.
    case cpuShares(Int)
    /// `os/linux/oom-score-adj`, -1000 to 1000.
    case oomScoreAdjustment(Int)
    /// `os/linux/capabilities-retain-set`: exactly these, by their names.
    case capabilitiesRetain([String])
    /// `os/linux/capabilities-remove-set`: the default ones without these.
    case capabilitiesRemove([String])
    /// `os/linux/seccomp-retain-set`: only these system calls.
    case seccompRetain(SystemCallSet)
    /// `os/linux/seccomp-remove-set`: all system calls but these.
    case seccompRemove(SystemCallSet)
    /// `os/linux/no-new-privileges`.
    case noNewPrivileges(Bool)
    /// `os/unix/sysctl`: kernel parameters and their values.
    case sysctl([String: String])
    /// `os/linux/selinux-context`.
    case selinuxContext(SELinuxContext)
    /// `os/linux/apparmor-profile`.
    case apparmorProfile(String)
    /// One that is not known here; only a pod may carry such.
    case unknown(ACIdentifier, JSON)
}

/// How much an app asks for and how much it may have at most.
package struct ResourceRange: Sendable, Hashable {
    /// What it asks for.
    package var request: Quantity?
    /// What it may have at most.
    package var limit: Quantity?

    /// Makes a range of one amount, as `--memory` and `--cpu` mean it.
    package init(_ amount: Quantity) {
        request = amount
        limit = amount
    }
}

/// Names of system calls or, beginning with `@`, of sets of them, and what an excluded call returns.
package struct SystemCallSet: Sendable, Hashable {
    /// At least one name.
    package let names: [String]
    /// The name of an error, such as `EPERM`; nil means what the executor thinks best.
    package let errno: String?

    /// Makes a set, or nil if it has no name or `errno` isn't `E` and capital letters or digits.
    package init?(names: [String], errno: String? = nil) {
        guard !names.isEmpty, errno.map(Self.isErrorName) ?? true else { return nil }
        self.names = names
        self.errno = errno
    }

    private static func isErrorName(_ text: String) -> Bool {
        guard text.utf8.count > 1, text.utf8.first == UInt8(ascii: "E") else { return false }
        return text.utf8.allSatisfy {
            UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
        }
    }
}

/// The four parts of an SELinux context.
package struct SELinuxContext: Sendable, Hashable {
    /// The SELinux user.
    package var user: String
    /// The role.
    package var role: String
    /// The type.
    package var type: String
    /// The level, which alone may hold colons.
    package var level: String
}
