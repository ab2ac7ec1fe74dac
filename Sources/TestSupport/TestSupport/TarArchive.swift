package import Foundation

/// A tar archive put together entry by entry, also the entries no honest tool would write.
package struct TarArchive: Sendable {
    /// What an entry is, by the letter in its header.
    package enum Kind: String, Sendable {
        case file = "0"
        case hardLink = "1"
        case symbolicLink = "2"
        case characterDevice = "3"
        case blockDevice = "4"
        case directory = "5"
        case fifo = "6"
        case extended = "x"
        case longName = "L"
        case sparse = "S"
    }

    private var bytes = Data()

    /// Makes an archive without entries.
    package init() {}

    /// Adds one entry.
    ///
    /// - Parameters:
    ///   - size: What the header claims; nil is the truth.
    ///   - sparse: For a GNU sparse entry: one hole of this many bytes and nothing else.
    package mutating func add(
        _ name: String,
        _ kind: Kind = .file,
        contents: Data = Data(),
        link: String = "",
        mode: Int = 0o755,
        owner: (uid: Int, gid: Int) = (0, 0),
        device: (major: Int, minor: Int) = (0, 0),
        size: Int? = nil,
        sparse: Int? = nil
    ) {
        var header = Data(count: 512)
        header.put(name, at: 0, length: 100)
        header.put(octal(mode, digits: 7), at: 100, length: 8)
        header.put(octal(owner.uid, digits: 7), at: 108, length: 8)
        header.put(octal(owner.gid, digits: 7), at: 116, length: 8)
        header.put(octal(size ?? contents.count, digits: 11), at: 124, length: 12)
        header.put(octal(1_700_000_000, digits: 11), at: 136, length: 12)
        header.put("        ", at: 148, length: 8)
        header.put(kind.rawValue, at: 156, length: 1)
        header.put(link, at: 157, length: 100)
        header.put(kind == .sparse ? "ustar  " : "ustar\u{0}00", at: 257, length: 8)
        header.put(octal(device.major, digits: 7), at: 329, length: 8)
        header.put(octal(device.minor, digits: 7), at: 337, length: 8)
        if let sparse {
            header.put(base256(sparse), at: 386)
            header.put(octal(0, digits: 11), at: 398, length: 12)
            header.put(base256(sparse), at: 483)
        }
        let sum = header.reduce(0) { $0 + Int($1) }
        header.put(octal(sum, digits: 6) + "\u{0} ", at: 148, length: 8)
        bytes += header
        bytes += contents
        bytes += Data(count: (512 - contents.count % 512) % 512)
    }

    /// Adds a file of text.
    package mutating func add(_ name: String, text: String, mode: Int = 0o644) {
        add(name, contents: Data(text.utf8), mode: mode)
    }

    /// Adds extended headers (PAX) for the entry that follows.
    package mutating func addExtended(_ records: [(name: String, value: String)]) {
        var body = ""
        for (name, value) in records {
            // A record counts its own length field: try lengths until one is right.
            let rest = " \(name)=\(value)\n"
            var length = rest.utf8.count
            while String(length).utf8.count + rest.utf8.count != length { length += 1 }
            body += "\(length)\(rest)"
        }
        add("PaxHeaders/entry", .extended, contents: Data(body.utf8))
    }

    /// Adds everything below a directory of the machine, owned by root.
    package mutating func add(tree root: String, at prefix: String) throws {
        let manager = FileManager.default
        for path in try manager.subpathsOfDirectory(atPath: root).sorted() {
            let (source, name) = ("\(root)/\(path)", "\(prefix)/\(path)")
            let attributes = try manager.attributesOfItem(atPath: source)
            let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0o755
            switch attributes[.type] as? FileAttributeType {
            case .typeDirectory: add("\(name)/", .directory, mode: mode)
            case .typeSymbolicLink:
                add(
                    name,
                    .symbolicLink,
                    link: try manager.destinationOfSymbolicLink(atPath: source)
                )
            default:
                let contents = manager.contents(atPath: source) ?? Data()
                add(name, contents: contents, mode: mode)
            }
        }
    }

    /// The whole archive with the two empty blocks at its end.
    package var data: Data { bytes + Data(count: 1024) }
}

private func octal(_ number: Int, digits: Int) -> String {
    let text = String(max(number, 0), radix: 8)
    return String(repeating: "0", count: max(digits - text.count, 0)) + text
}

private func base256(_ number: Int) -> Data {
    var field = Data(count: 12)
    field[0] = 0x80
    for index in 0..<8 { field[11 - index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
    return field
}

extension Data {
    fileprivate mutating func put(_ text: String, at offset: Int, length: Int) {
        let field = Data(text.utf8.prefix(length))
        put(field, at: offset)
    }

    fileprivate mutating func put(_ field: Data, at offset: Int) {
        replaceSubrange(offset..<offset + field.count, with: field)
    }
}
