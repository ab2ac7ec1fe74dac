/// Writes a tar archive in POSIX format, with PAX headers only where a field needs one.
///
/// The bytes collect in ``bytes``; take them out with ``drain()`` as often as you like.
///
///     writer.begin(entry)
///     writer.append(content)          // entry.size bytes in any number of calls
///     writer.end(entry)
///     writer.finish()
package struct TarWriter {
    /// What was written since the last ``drain()``.
    package private(set) var bytes: [UInt8] = []

    /// A writer at the start of an archive.
    package init() {}

    /// Takes what was written so far.
    package mutating func drain() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    /// Writes an entry with its whole content.
    package mutating func write(_ entry: TarEntry, content: [UInt8] = []) {
        var sized = entry
        sized.size = UInt64(content.count)
        begin(sized)
        bytes += content
        end(sized)
    }

    /// Writes the header of an entry whose content of `entry.size` bytes follows.
    package mutating func begin(_ entry: TarEntry) {
        let records = paxRecords(entry)
        if !records.isEmpty {
            var pax = TarEntry(path: Array("PaxHeader".utf8))
            pax.size = UInt64(records.count)
            appendHeader(pax, type: UInt8(ascii: "x"))
            bytes += records
            pad(after: pax.size)
        }
        appendHeader(entry, type: entry.kind.type)
    }

    /// Writes a part of the content.
    package mutating func append(_ content: Span<UInt8>) {
        for index in content.indices { bytes.append(content[index]) }
    }

    /// Fills up the last block of the content.
    package mutating func end(_ entry: TarEntry) { pad(after: entry.size) }

    /// Writes the end marker.
    package mutating func finish() {
        bytes += repeatElement(0, count: 2 * TarHeader.length)
    }

    private mutating func pad(after length: UInt64) {
        bytes += repeatElement(0, count: TarHeader.padding(after: length))
    }
}

// MARK: - Header block

extension TarWriter {
    private mutating func appendHeader(_ entry: TarEntry, type: UInt8) {
        var block = [UInt8](repeating: 0, count: TarHeader.length)
        put(Array(entry.path.prefix(100)), at: 0, in: &block)
        putOctal(UInt64(entry.mode), 7, at: 100, in: &block)
        putOctal(UInt64(entry.uid), 7, at: 108, in: &block)
        putOctal(UInt64(entry.gid), 7, at: 116, in: &block)
        putOctal(entry.size, 11, at: 124, in: &block)
        putOctal(UInt64(exactly: entry.modified.seconds) ?? 0, 11, at: 136, in: &block)
        block[156] = type
        put(Array(entry.linkTarget.prefix(100)), at: 157, in: &block)
        put(Array("ustar\u{0}00".utf8), at: 257, in: &block)
        let device = entry.kind.device
        putOctal(UInt64(device.major), 7, at: 329, in: &block)
        putOctal(UInt64(device.minor), 7, at: 337, in: &block)
        put([UInt8](repeating: 0x20, count: 8), at: 148, in: &block)
        putOctal(block.reduce(0) { $0 + UInt64($1) }, 6, at: 148, in: &block)
        block[154] = 0
        bytes += block
    }

    private func put(_ text: [UInt8], at offset: Int, in block: inout [UInt8]) {
        block.replaceSubrange(offset..<offset + text.count, with: text)
    }

    /// Zero when it doesn't fit: then a PAX record has the value.
    private func putOctal(_ value: UInt64, _ digits: Int, at offset: Int, in block: inout [UInt8]) {
        let text = String(fits(value, digits) ? value : 0, radix: 8)
        let zeros = repeatElement(UInt8(ascii: "0"), count: digits - text.utf8.count)
        put(Array(zeros) + Array(text.utf8), at: offset, in: &block)
    }

    private func fits(_ value: UInt64, _ digits: Int) -> Bool { value >> UInt64(3 * digits) == 0 }
}

// MARK: - PAX header

extension TarWriter {
    private func paxRecords(_ entry: TarEntry) -> [UInt8] {
        var records: [UInt8] = []
        if entry.path.count > 100 { records += record("path", entry.path) }
        if entry.linkTarget.count > 100 { records += record("linkpath", entry.linkTarget) }
        if !fits(entry.size, 11) { records += record("size", entry.size) }
        if !fits(UInt64(entry.uid), 7) { records += record("uid", UInt64(entry.uid)) }
        if !fits(UInt64(entry.gid), 7) { records += record("gid", UInt64(entry.gid)) }
        let time = entry.modified
        if time.nanoseconds != 0 || time.seconds < 0 || !fits(UInt64(time.seconds), 11) {
            records += record("mtime", Array(time.description.utf8))
        }
        for attribute in entry.extendedAttributes {
            let keyword = "SCHILY.xattr." + String(decoding: attribute.name, as: UTF8.self)
            records += record(keyword, attribute.value)
        }
        return records
    }

    private func record(_ keyword: String, _ value: UInt64) -> [UInt8] {
        record(keyword, Array(String(value).utf8))
    }

    /// The length at the front counts itself.
    private func record(_ keyword: String, _ value: [UInt8]) -> [UInt8] {
        let text = Array(" \(keyword)=".utf8) + value + [UInt8(ascii: "\n")]
        var length = text.count
        while String(length).utf8.count + text.count != length {
            length = String(length).utf8.count + text.count
        }
        return Array(String(length).utf8) + text
    }
}

extension TarTime: CustomStringConvertible {
    /// The notation of PAX headers.
    package var description: String {
        guard nanoseconds != 0 else { return String(seconds) }
        let isNegative = seconds < 0
        let whole = isNegative ? -(seconds + 1) : seconds
        let fraction = String(isNegative ? 1_000_000_000 - nanoseconds : nanoseconds)
        let zeros = String(repeating: "0", count: 9 - fraction.utf8.count)
        return "\(isNegative ? "-" : "")\(whole).\(zeros)\(fraction)"
    }
}

extension TarKind {
    fileprivate var type: UInt8 {
        switch self {
        case .regular: UInt8(ascii: "0")
        case .hardLink: UInt8(ascii: "1")
        case .symbolicLink: UInt8(ascii: "2")
        case .characterDevice: UInt8(ascii: "3")
        case .blockDevice: UInt8(ascii: "4")
        case .directory: UInt8(ascii: "5")
        case .fifo: UInt8(ascii: "6")
        }
    }

    fileprivate var device: (major: UInt32, minor: UInt32) {
        switch self {
        case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
            (major, minor)
        case .regular, .hardLink, .symbolicLink, .directory, .fifo: (0, 0)
        }
    }
}
