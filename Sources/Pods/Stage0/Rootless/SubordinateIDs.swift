/// A run of ids that the administrator lets a user have besides their own (`subuid(5)`).
package struct SubordinateRange: Equatable, Sendable {
    package let start: UInt32
    package let count: UInt32

    /// A run of ids from its first one.
    package init(start: UInt32, count: UInt32) {
        self.start = start
        self.count = count
    }
}

/// `/etc/subuid` and `/etc/subgid`, read by ourselves: a static program has no name service.
package enum SubordinateIDs {
    /// The runs that a file gives to a user, who stands there by name or by number.
    ///
    /// Lines that are no `user:start:count` with ids of 32 bits are skipped, as newuidmap(1) skips them.
    package static func ranges(
        in file: [UInt8],
        userName: String?,
        uid: UInt32
    ) -> [SubordinateRange] {
        lines(of: file).compactMap { fields in
            guard fields.count == 3, fields[0] == userName || fields[0] == String(uid),
                let start = UInt32(fields[1]), let count = UInt32(fields[2]), count > 0,
                !start.addingReportingOverflow(count).overflow
            else { return nil }
            return SubordinateRange(start: start, count: count)
        }
    }

    /// The name of a user in a `passwd(5)` file.
    package static func userName(of uid: UInt32, in passwd: [UInt8]) -> String? {
        lines(of: passwd).first { $0.count >= 3 && UInt32($0[2]) == uid }?.first
    }

    private static func lines(of file: [UInt8]) -> [[String]] {
        file.split(separator: UInt8(ascii: "\n")).map { line in
            line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
        }
    }
}

/// One line of `/proc/PID/uid_map` (`user_namespaces(7)`).
package struct IDMapping: Equatable, Sendable {
    package let inside: UInt32
    package let outside: UInt32
    package let count: UInt32

    /// The caller becomes 0, and their subordinate ids follow from 1 on without a gap.
    package static func map(_ own: UInt32, _ ranges: [SubordinateRange]) -> [IDMapping] {
        var result = [IDMapping(inside: 0, outside: own, count: 1)]
        var next: UInt32 = 1
        for range in ranges {
            let (end, overflow) = next.addingReportingOverflow(range.count)
            if overflow { break }
            result.append(IDMapping(inside: next, outside: range.start, count: range.count))
            next = end
        }
        return result
    }
}
