/// A version of the Container Network Interface that this program speaks.
package enum CNIVersion: String, CaseIterable, Sendable {
    case v010 = "0.1.0"
    case v020 = "0.2.0"
    case v030 = "0.3.0"
    case v031 = "0.3.1"
    case v040 = "0.4.0"
    case v100 = "1.0.0"
    case v110 = "1.1.0"

    /// What a document means that doesn't name its version: they began with 0.1.0.
    package static let unnamed = CNIVersion.v010

    /// How a result of this version is laid out.
    package enum Layout: Sendable {
        /// One address of each version of IP, in `ip4` and `ip6`.
        case pair
        /// A list of addresses, each with its version of IP.
        case versionedList
        /// A list of addresses.
        case list
    }

    /// How a result is laid out.
    package var layout: Layout {
        switch self {
        case .v010, .v020: .pair
        case .v030, .v031, .v040: .versionedList
        case .v100, .v110: .list
        }
    }

    /// Whether plugins of a chain are told the result of the one before.
    package var hasPreviousResult: Bool { self >= .v030 }
    /// Whether a deletion is told the result of the addition, and `CHECK` exists.
    package var hasCheck: Bool { self >= .v040 }
    /// Whether `GC` and `STATUS` exist.
    package var hasCollection: Bool { self >= .v110 }
}

extension CNIVersion: Comparable {
    package static func < (left: CNIVersion, right: CNIVersion) -> Bool {
        allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
    }
}

extension CNIVersion: CustomStringConvertible {
    package var description: String { rawValue }
}
