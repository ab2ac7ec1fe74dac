/// A setting of the host's that the network `default` depends on.
package struct HostSetting: Equatable, Sendable {
    /// Its place below `/proc/sys`.
    let path: String
    package let value: String
    /// What the next pod's start sets, if it isn't that already.
    package let coming: String?
    /// rkt has set it since the machine was started.
    package let isSetByRkt: Bool

    /// A setting as it is.
    init(path: String, value: String, coming: String? = nil, isSetByRkt: Bool = false) {
        self.path = path
        self.value = value
        self.coming = coming
        self.isSetByRkt = isSetByRkt
    }

    /// The name that `sysctl(8)` has for it, in which dots and slashes have changed places.
    package var name: String {
        String(path.map { $0 == "/" ? "." : $0 == "." ? "/" : $0 })
    }
}
