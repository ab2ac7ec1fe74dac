internal import Linux

/// One cgroup mount of `/proc/self/mountinfo` (`proc_pid_mountinfo(5)`).
struct CgroupMount {
    /// The cgroup that is mounted, `/` but in some containers.
    let root: String
    let point: String
    let isUnified: Bool
    /// Version 1: the file system's options, which name the controllers.
    let options: [String]

    /// Where distributions mount a hierarchy, told by its controllers (none for version 2).
    init(usualFor controllers: [String], isHybrid: Bool) {
        root = "/"
        options = controllers
        isUnified = controllers.isEmpty
        let name = isUnified ? "unified" : controllers.joined(separator: ",")
        point = isUnified && !isHybrid ? Self.top : "\(Self.top)/\(name)"
    }

    /// Whether version 2 is mounted where it usually is when it is alone.
    static var isUnifiedAtTop: Bool {
        (try? Directory(path: top))?.contains("cgroup.controllers") ?? false
    }

    private static let top = "/sys/fs/cgroup"

    /// The cgroup mounts of a mount table.
    ///
    /// Works on bytes: a busy machine has hundreds of other mounts, and this is read at each start.
    static func all(in mountInfo: [UInt8]) -> [CgroupMount] {
        mountInfo.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let marker = position(of: " - cgroup", in: line) else { return nil }
            return CgroupMount(
                before: fields(line[..<marker]),
                after: fields(line[(marker + 3)...])
            )
        }
    }

    private init?(before: [String], after: [String]) {
        guard before.count >= 5, let type = after.first, type == "cgroup" || type == "cgroup2",
            after.count >= 3
        else { return nil }
        root = Self.unescaped(before[3])
        point = Self.unescaped(before[4])
        isUnified = type == "cgroup2"
        options = after[2].split(separator: ",").map(String.init)
    }

    /// Where a cgroup is found below the mount point.
    func directory(of path: String) -> String {
        if root == "/" { return path == "/" ? point : point + path }
        if path == root { return point }
        // A cgroup outside of what is mounted can't be reached; its mount point is the best we have.
        return path.hasPrefix(root + "/") ? point + path.dropFirst(root.utf8.count) : point
    }

    private static func fields(_ bytes: ArraySlice<UInt8>) -> [String] {
        bytes.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func position(of marker: StaticString, in line: ArraySlice<UInt8>) -> Int? {
        let wanted = Array(marker.description.utf8)
        guard line.count >= wanted.count else { return nil }
        return (line.startIndex...(line.endIndex - wanted.count)).first { start in
            line[start] == wanted[0] && line[start..<(start + wanted.count)].elementsEqual(wanted)
        }
    }

    /// The kernel writes space, tab, newline and backslash as three octal digits.
    private static func unescaped(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(3), as: UTF8.self)
            if byte == UInt8(ascii: "\\"), digits.utf8.count == 3,
                let code = UInt8(digits, radix: 8)
            {
                bytes.append(code)
                rest.removeFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
