/// The system that this program was built for, as appc spells it.
package enum HostPlatform {
    /// The value of the label `os`.
    package static let operatingSystem = "linux"

    /// The value of the label `arch`.
    package static var architecture: String {
        #if arch(x86_64)
        "amd64"
        #elseif arch(i386)
        "i386"
        #elseif arch(arm64)
        "aarch64"
        #elseif arch(arm)
        "armv7l"
        #elseif arch(powerpc64le)
        "ppc64le"
        #elseif arch(s390x)
        "s390x"
        #else
        #error("appc has no name for this architecture")
        #endif
    }
}
