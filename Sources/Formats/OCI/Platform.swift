import JSON

/// What an image runs on, in Go's names.
package struct Platform: Sendable, Hashable, CustomStringConvertible {
    /// The operating system: `linux`.
    package var operatingSystem: String
    /// The architecture, such as `amd64`.
    package var architecture: String
    /// The variant of the architecture, such as `v8`; empty if there is none.
    package var variant: String

    /// Names a platform.
    package init(operatingSystem: String, architecture: String, variant: String = "") {
        self.operatingSystem = operatingSystem
        self.architecture = architecture
        self.variant = variant
    }

    /// The platform that this program was built for.
    package static var host: Platform {
        #if arch(x86_64)
        Platform(operatingSystem: "linux", architecture: "amd64")
        #elseif arch(i386)
        Platform(operatingSystem: "linux", architecture: "386")
        #elseif arch(arm64)
        Platform(operatingSystem: "linux", architecture: "arm64", variant: "v8")
        #elseif arch(arm)
        Platform(operatingSystem: "linux", architecture: "arm", variant: "v7")
        #elseif arch(powerpc64le)
        Platform(operatingSystem: "linux", architecture: "ppc64le")
        #elseif arch(s390x)
        Platform(operatingSystem: "linux", architecture: "s390x")
        #else
        #error("OCI has no name for this architecture")
        #endif
    }

    /// A platform by its system and its architecture as appc or Go calls it, with the variant behind a slash; nil if that is
    /// this program's.
    package init?(operatingSystem: String?, appcArchitecture: String?) {
        var platform = Platform.host
        if let appcArchitecture { platform = Platform(appcArchitecture: appcArchitecture) }
        platform.operatingSystem = operatingSystem ?? "linux"
        guard platform != .host else { return nil }
        self = platform
    }

    private init(appcArchitecture text: String) {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        let (name, variant) = (parts.first ?? text, parts.dropFirst().first ?? "")
        let (architecture, own) =
            switch name {
            case "aarch64": ("arm64", "v8")
            case "i386": ("386", "")
            case "armv6l": ("arm", "v6")
            case "armv7l": ("arm", "v7")
            default: (name, "")
            }
        self.init(
            operatingSystem: "linux",
            architecture: architecture,
            variant: variant.isEmpty ? own : variant
        )
    }

    package var description: String {
        ([operatingSystem, architecture] + (variant.isEmpty ? [] : [variant])).joined(
            separator: "/"
        )
    }

    /// How well an image for `image` suits this platform: lower is better, nil not at all.
    ///
    /// A newer variant than the host's is taken only where it may run and nothing else does: amd64's `v2`
    /// and up need features that can't be told from here.
    package func distance(to image: Platform) -> Int? {
        guard image.operatingSystem == operatingSystem, image.architecture == architecture else {
            return nil
        }
        let own = Self.level(of: variant) ?? Self.defaultLevel(of: architecture)
        let other = Self.level(of: image.variant) ?? Self.defaultLevel(of: architecture)
        if other <= own { return own - other }
        return architecture == "amd64" ? 100 + other : nil
    }

    private static func level(of variant: String) -> Int? {
        variant.utf8.first == UInt8(ascii: "v") ? UInt8(variant.dropFirst()).map(Int.init) : nil
    }

    private static func defaultLevel(of architecture: String) -> Int {
        switch architecture {
        case "arm64": 8
        case "arm": 7
        default: 1
        }
    }
}

extension Platform {
    /// Reads the members `os`, `architecture` and `variant`.
    init(at cursor: JSONCursor) throws(JSONError) {
        operatingSystem = try cursor.optional("os")?.string() ?? ""
        architecture = try cursor.optional("architecture")?.string() ?? ""
        variant = try cursor.optional("variant")?.string() ?? ""
    }
}
