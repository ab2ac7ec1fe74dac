internal import CFreestanding

/// The ids of a process, read from the image's own passwd and group files: never from the host's, never through NSS.
@safe struct Identity {
    private(set) var uid: UInt32 = 0
    private(set) var gid: UInt32 = 0
    private(set) var groups: UnsafeMutablePointer<UInt32>
    private(set) var groupCount = 0

    /// 4294967295 means "unchanged" to the kernel and is nobody's id.
    private static let largest: UInt64 = 4_294_967_294
    private static let mostGroups = 64

    /// User 0 without groups: what handlers run as.
    init() { unsafe groups = allocate(UInt32.self, Identity.mostGroups) }

    /// Resolves the plan's user and group inside a root.
    init(
        user: Text,
        group: Text,
        takesPrimaryGroup: Bool,
        takesGroupsOfUser: Bool,
        in root: Root
    ) throws(Failure) {
        self.init()
        var name = user
        var primary: UInt32 = 0
        if let number = user.decimal(limit: Identity.largest) {
            uid = UInt32(number)
            if takesPrimaryGroup || takesGroupsOfUser {
                Identity.eachLine(of: "/etc/passwd", in: root) { line in
                    guard line.number(2) == uid else { return false }
                    name = line.text(0)
                    primary = line.number(3) ?? 0
                    return true
                }
            }
        } else if user[0] == 0x2F {
            uid = try Identity.owner(of: user, in: root).uid
        } else {
            (uid, primary) = try Identity.user(named: user, in: root)
        }
        if takesPrimaryGroup {
            gid = primary
        } else if let number = group.decimal(limit: Identity.largest) {
            gid = UInt32(number)
        } else if group[0] == 0x2F {
            gid = try Identity.owner(of: group, in: root).gid
        } else {
            gid = try Identity.group(named: group, in: root)
        }
        if takesGroupsOfUser { findGroups(of: name, in: root) }
    }

    /// Adds a supplementary group; more than a process may usefully have are left out.
    mutating func add(group: UInt32) {
        guard groupCount < Identity.mostGroups else { return }
        unsafe groups[groupCount] = group
        groupCount += 1
    }

    private static func owner(
        of path: Text,
        in root: Root
    ) throws(Failure) -> (uid: UInt32, gid: UInt32) {
        let found = try check(root.handle(path), "cannot open", path)
        defer { _ = k_close(found) }
        guard let status = Status(of: found) else { return (0, 0) }
        return (status.uid, status.gid)
    }

    private static func user(named name: Text, in root: Root) throws(Failure) -> (UInt32, UInt32) {
        var result: (UInt32, UInt32)?
        eachLine(of: "/etc/passwd", in: root) { line in
            guard line.equals(0, name), let uid = line.number(2) else { return false }
            result = (uid, line.number(3) ?? 0)
            return true
        }
        if let result { return result }
        if name == "root" { return (0, 0) }
        throw Failure(step: Text(joining: "\"", name, "\" user not found"), subject: "", error: 0)
    }

    private static func group(named name: Text, in root: Root) throws(Failure) -> UInt32 {
        var result: UInt32?
        eachLine(of: "/etc/group", in: root) { line in
            guard line.equals(0, name), let gid = line.number(2) else { return false }
            result = gid
            return true
        }
        if let result { return result }
        if name == "root" { return 0 }
        throw Failure(step: Text(joining: "\"", name, "\" group not found"), subject: "", error: 0)
    }

    private mutating func findGroups(of name: Text, in root: Root) {
        guard !name.isEmpty, name.decimal(limit: .max >> 8) == nil else { return }
        var found = Identity()
        Identity.eachLine(of: "/etc/group", in: root) { line in
            if line.listContains(3, name), let gid = line.number(2) { found.add(group: gid) }
            return false
        }
        for index in 0..<found.groupCount { unsafe add(group: found.groups[index]) }
    }

    /// Calls the body for each line until it returns true; a file that isn't a regular one has none.
    private static func eachLine(of path: Text, in root: Root, _ body: (ColonLine) -> Bool) {
        let file = Int32(truncatingIfNeeded: root.openForReading(path))
        guard file >= 0 else { return }
        defer { _ = k_close(file) }
        // A link to a device or a FIFO could feed us for ever (R7).
        guard let status = Status(of: file), status.isRegular, status.size <= 1 << 20 else {
            return
        }
        let buffer = unsafe allocate(UInt8.self, 4096)
        var filled = 0
        while true {
            let count = unsafe k_read(file, buffer + filled, 4096 - filled)
            if count <= 0 {
                if filled > 0 { _ = unsafe body(ColonLine(bytes: buffer, count: filled)) }
                return
            }
            filled += count
            var start = 0
            for index in 0..<filled where unsafe buffer[index] == 0x0A {
                if unsafe body(ColonLine(bytes: buffer + start, count: index - start)) { return }
                start = index + 1
            }
            // A line longer than the buffer is nobody's entry: drop what we have of it.
            if start == 0, filled == 4096 { start = filled }
            for index in start..<filled { unsafe buffer[index - start] = buffer[index] }
            filled -= start
        }
    }
}

/// One line of a passwd or group file.
@safe struct ColonLine {
    private let bytes: UnsafeMutablePointer<UInt8>
    private let count: Int

    init(bytes: UnsafeMutablePointer<UInt8>, count: Int) {
        unsafe self.bytes = bytes
        self.count = count
    }

    private func field(_ wanted: Int) -> Range<Int> {
        var start = 0
        var field = 0
        for index in 0..<count where unsafe bytes[index] == 0x3A {
            if field == wanted { return start..<index }
            field += 1
            start = index + 1
        }
        return field == wanted ? start..<count : 0..<0
    }

    func equals(_ wanted: Int, _ text: Text) -> Bool { equals(field(wanted), text) }

    private func equals(_ range: Range<Int>, _ text: Text) -> Bool {
        guard !range.isEmpty, range.count == text.count else { return false }
        for index in 0..<range.count
        where unsafe bytes[range.lowerBound + index] != text[index] { return false }
        return true
    }

    func listContains(_ wanted: Int, _ text: Text) -> Bool {
        let range = field(wanted)
        var start = range.lowerBound
        for index in range where unsafe bytes[index] == 0x2C {
            if equals(start..<index, text) { return true }
            start = index + 1
        }
        return equals(start..<range.upperBound, text)
    }

    func text(_ wanted: Int) -> Text {
        let range = field(wanted)
        let copy = unsafe allocate(CChar.self, range.count + 1)
        for index in 0..<range.count {
            unsafe copy[index] = CChar(bitPattern: bytes[range.lowerBound + index])
        }
        unsafe copy[range.count] = 0
        return unsafe Text(UnsafePointer(copy))
    }

    func number(_ wanted: Int) -> UInt32? {
        text(wanted).decimal(limit: 4_294_967_294).map { UInt32($0) }
    }
}
