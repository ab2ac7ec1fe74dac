/// One member of a tar archive, with what GNU and PAX extensions say about it already applied.
package struct TarEntry: Equatable, Sendable {
    /// The name as written in the archive: never empty, no NUL, within ``TarLimits``, otherwise unchecked.
    package var path: [UInt8] = []
    /// What a link points to, empty for everything else.
    package var linkTarget: [UInt8] = []
    /// What the entry is.
    package var kind = TarKind.regular
    /// Permission bits with set-id and sticky bits, `0o7777` at most.
    package var mode: UInt32 = 0o644
    /// The owner, never the reserved id 4294967295.
    package var uid: UInt32 = 0
    /// The group, never the reserved id 4294967295.
    package var gid: UInt32 = 0
    /// The length of the file once unpacked, holes included; zero for all but regular files.
    package var size: UInt64 = 0
    /// When the content was last changed.
    package var modified = TarTime()
    /// Extended attributes (`SCHILY.xattr.*`), in the archive's order and unfiltered.
    package var extendedAttributes: [TarAttribute] = []

    /// An entry to fill in.
    package init(path: [UInt8] = [], kind: TarKind = .regular) {
        self.path = path
        self.kind = kind
    }

    /// The path for messages, with control characters escaped.
    package var printablePath: String { printable(path) }
}

/// What a tar entry is.
package enum TarKind: Equatable, Sendable {
    /// A file with content.
    case regular
    /// Another name for an earlier entry, which ``TarEntry/linkTarget`` names.
    case hardLink
    /// A symbolic link to ``TarEntry/linkTarget``.
    case symbolicLink
    /// A character device.
    case characterDevice(major: UInt32, minor: UInt32)
    /// A block device.
    case blockDevice(major: UInt32, minor: UInt32)
    /// A directory.
    case directory
    /// A named pipe.
    case fifo
}

/// A point in time as PAX headers write it.
package struct TarTime: Equatable, Sendable {
    /// Seconds since 1970, negative before.
    package var seconds: Int64
    /// Nanoseconds after that second, below 1,000,000,000.
    package var nanoseconds: Int32

    /// A point in time, 1970 if nothing is given.
    package init(seconds: Int64 = 0, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }
}

/// One extended attribute of an entry.
package struct TarAttribute: Equatable, Sendable {
    /// The full name with its namespace, like `user.comment`.
    package let name: [UInt8]
    /// The value, any bytes.
    package let value: [UInt8]

    /// An attribute of an entry.
    package init(name: [UInt8], value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// Bytes from an archive as text for messages: control characters and what isn't UTF-8 escaped, and cut to 200 bytes.
package func printable(_ bytes: [UInt8]) -> String {
    var text = ""
    for scalar in String(decoding: bytes.prefix(200), as: UTF8.self).unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            text += "\\u{\(String(scalar.value, radix: 16))}"
        default: text.unicodeScalars.append(scalar)
        }
    }
    return bytes.count > 200 ? text + "…" : text
}
