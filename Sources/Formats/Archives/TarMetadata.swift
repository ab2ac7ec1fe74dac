/// Blocks that say something about the entry after them instead of being one.
enum TarMetadata {
    case longName
    case longLink
    case pax
    case globalPax
    case volumeLabel

    /// `nil` if the type is an entry's.
    init?(type: UInt8) {
        switch type {
        case UInt8(ascii: "L"): self = .longName
        case UInt8(ascii: "K"): self = .longLink
        case UInt8(ascii: "x"), UInt8(ascii: "X"): self = .pax
        case UInt8(ascii: "g"): self = .globalPax
        case UInt8(ascii: "V"): self = .volumeLabel
        default: return nil
        }
    }

    /// How long it may be, without the NUL that GNU tar counts at the end of a name.
    var limit: Int {
        switch self {
        case .longName, .longLink: TarLimits.pathLength
        case .pax, .globalPax: TarLimits.extendedHeaderLength
        case .volumeLabel: 0
        }
    }

    /// What to call it in an error.
    var limitName: String {
        switch self {
        case .longName, .longLink: "length of a path"
        case .pax, .globalPax: "length of a PAX header"
        case .volumeLabel: "length of a volume label"
        }
    }
}

/// What metadata blocks have said about the next entry.
struct TarExtensions {
    var longName: [UInt8]?
    var longLink: [UInt8]?
    var pax: PaxRecords?

    /// True if nothing was said.
    var isEmpty: Bool { longName == nil && longLink == nil && pax == nil }
}
