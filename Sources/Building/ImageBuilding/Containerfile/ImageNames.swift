/// The users and groups of an image, out of its own files (R7).
struct ImageNames {
    private let users: [[Substring]]
    private let groups: [[Substring]]

    init(_ root: MergedDirectory) throws(BuildError) {
        users = Self.lines(try root.contents(of: "/etc/passwd"))
        groups = Self.lines(try root.contents(of: "/etc/group"))
    }

    private static func lines(_ bytes: [UInt8]?) -> [[Substring]] {
        String(decoding: bytes ?? [], as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: ":", omittingEmptySubsequences: false)
        }
    }

    /// The ids of `USER[:GROUP]`; without a group it is the user's number, or the named user's first group.
    func identity(_ text: String) throws(BuildError) -> (uid: UInt32, gid: UInt32) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let user = parts[0]
        let entry = users.first { $0.first == user && $0.count > 3 }
        guard let uid = Self.id(user) ?? entry.flatMap({ Self.id($0[2]) }) else {
            throw .invalid("the image has no user \"\(user)\"")
        }
        guard parts.count > 1 else {
            return (uid, entry.flatMap { Self.id($0[3]) } ?? uid)
        }
        let group = parts[1]
        let found = groups.first { $0.first == group && $0.count > 2 }
        guard let gid = Self.id(group) ?? found.flatMap({ Self.id($0[2]) }) else {
            throw .invalid("the image has no group \"\(group)\"")
        }
        return (uid, gid)
    }

    /// A decimal number up to 4294967294; the next one would leave an owner as it is.
    private static func id(_ text: Substring) -> UInt32? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }),
            let id = UInt32(text), id != .max
        else { return nil }
        return id
    }
}
