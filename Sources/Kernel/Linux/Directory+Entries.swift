internal import CLinux

/// One entry of a directory.
package struct DirectoryEntry: Sendable {
    package let name: String
    /// The kind if the file system tells it without asking further.
    package let kind: FileStatus.Kind?
}

extension Directory {
    /// The entries without `.` and `..`, in the file system's order.
    ///
    /// Names that aren't UTF-8 come back repaired and can't be opened by that name; `removeTree` works on bytes.
    package func entries() throws(Errno) -> [DirectoryEntry] {
        var result: [DirectoryEntry] = []
        try forEachRawEntry { name, kind throws(Errno) in
            result.append(DirectoryEntry(name: String(decoding: name, as: UTF8.self), kind: kind))
        }
        return result
    }

    func forEachRawEntry(
        _ body: ([UInt8], FileStatus.Kind?) throws(Errno) -> Void
    ) throws(Errno) {
        let reading = try open(".", .directory)
        var buffer = [UInt8](repeating: 0, count: 32 << 10)
        while true {
            let count = try check(
                unsafe buffer.withUnsafeMutableBytes {
                    unsafe linux_getdents(reading.number, $0.baseAddress, $0.count)
                }
            )
            if count == 0 { return }
            var offset = 0
            while offset + 19 <= count {
                let length = Int(buffer[offset + 16]) | Int(buffer[offset + 17]) << 8
                guard length > 19, offset + length <= count else { throw .invalidArgument }
                let name = Array(buffer[(offset + 19)..<(offset + length)].prefix { $0 != 0 })
                let kind = kind(ofEntry: buffer[offset + 18])
                offset += length
                if name == [0x2E] || name == [0x2E, 0x2E] { continue }
                try body(name, kind)
            }
        }
    }

    private func kind(ofEntry type: UInt8) -> FileStatus.Kind? {
        switch type {
        case 1: .fifo
        case 2: .characterDevice
        case 4: .directory
        case 6: .blockDevice
        case 8: .regular
        case 10: .symbolicLink
        case 12: .socket
        default: nil
        }
    }
}
