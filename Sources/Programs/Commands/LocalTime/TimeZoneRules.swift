internal import Linux

/// What a time zone adds to UTC, and when: a compiled zone file (RFC 9636) as a value.
struct TimeZoneRules: Equatable, Sendable {
    /// What holds in the zone at some time.
    struct Offset: Equatable, Sendable {
        /// Seconds east of UTC.
        var seconds: Int64
        /// The zone's name for it, as `CEST`.
        var name: String
    }

    static let utc = TimeZoneRules(rule: ZoneRule(Offset(seconds: 0, name: "UTC")))

    /// Seconds since 1970 and what holds from then on, in order.
    private var transitions: [Transition] = []
    /// What holds before the first transition.
    private var first: Offset?
    /// What holds after the last one.
    private var rule: ZoneRule?

    private struct Transition: Equatable {
        let time: Int64
        let offset: Offset
    }

    /// A zone that follows one rule at all times.
    init(rule: ZoneRule) { self.rule = rule }

    /// What holds at a time, in seconds since 1970.
    func offset(at seconds: Int64) -> Offset {
        let last = transitions.last { $0.time <= seconds }
        if let rule, last == nil || last == transitions.last, seconds >= ruleBegins {
            return rule.offset(at: seconds)
        }
        return last?.offset ?? first ?? Offset(seconds: 0, name: "UTC")
    }

    private var ruleBegins: Int64 { transitions.last?.time ?? .min }
}

// MARK: - Zone files

extension TimeZoneRules {
    /// More than any zone has.
    private static let most = 4096
    /// More than a day and a night: no zone is further from UTC.
    private static let furthest: ClosedRange<Int64> = -93_599...93_599

    /// Reads a zone file; nil for what is none.
    init?(file: [UInt8]) {
        var reader = Reader(rest: file[...])
        guard var header = Header(&reader) else { return nil }
        if header.version >= UInt8(ascii: "2") {
            // The first part repeats the second with times of 32 bits.
            guard reader.skip(header.size(timeBytes: 4)), let second = Header(&reader) else {
                return nil
            }
            header = second
        }
        let timeBytes = header.version >= UInt8(ascii: "2") ? 8 : 4
        guard read(header, timeBytes, &reader) else { return nil }
        if timeBytes == 8 { rule = Self.footer(reader.rest).flatMap { ZoneRule($0) } }
        guard first != nil || rule != nil else { return nil }
    }

    private mutating func read(_ header: Header, _ timeBytes: Int, _ reader: inout Reader) -> Bool {
        var body = reader
        guard reader.skip(header.size(timeBytes: timeBytes)) else { return false }
        var times: [Int64] = []
        for _ in 0..<header.times {
            guard let time = body.integer(timeBytes) else { return false }
            times.append(time)
        }
        var kinds: [Int] = []
        for _ in 0..<header.times {
            guard let kind = body.integer(1) else { return false }
            kinds.append(Int(kind & 0xFF))
        }
        var types: [(seconds: Int64, name: Int)] = []
        for _ in 0..<header.types {
            guard let seconds = body.integer(4), Self.furthest.contains(seconds),
                body.integer(1) != nil, let name = body.integer(1)
            else { return false }
            types.append((seconds, Int(name & 0xFF)))
        }
        let letters = Array(body.rest.prefix(header.letters))
        let offsets = types.map { type in
            let bytes = letters.dropFirst(type.name).prefix { $0 != 0 }
            return Offset(seconds: type.seconds, name: ZoneRule.name(bytes) ?? "")
        }
        guard !offsets.isEmpty, times == times.sorted(), kinds.allSatisfy(offsets.indices.contains)
        else { return false }
        first = offsets[0]
        transitions = zip(times, kinds).map { Transition(time: $0, offset: offsets[$1]) }
        return true
    }

    /// The line at the end, which tells what follows the last transition.
    private static func footer(_ rest: ArraySlice<UInt8>) -> String? {
        guard rest.first == 0x0A, let end = rest.dropFirst().firstIndex(of: 0x0A) else {
            return nil
        }
        return String(validating: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
    }

    private struct Header {
        let version: UInt8
        let universals: Int
        let standards: Int
        let leaps: Int
        let times: Int
        let types: Int
        let letters: Int

        init?(_ reader: inout Reader) {
            guard reader.rest.prefix(4).elementsEqual("TZif".utf8), reader.skip(4),
                let version = reader.rest.first, reader.skip(16)
            else { return nil }
            var counts: [Int] = []
            for _ in 0..<6 {
                guard let count = reader.integer(4), 0...Int64(TimeZoneRules.most) ~= count else {
                    return nil
                }
                counts.append(Int(count))
            }
            self.version = version
            (universals, standards, leaps) = (counts[0], counts[1], counts[2])
            (times, types, letters) = (counts[3], counts[4], counts[5])
        }

        func size(timeBytes: Int) -> Int {
            times * (timeBytes + 1) + types * 6 + letters + leaps * (timeBytes + 4) + standards
                + universals
        }
    }

    /// Takes big-endian numbers from the front.
    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func skip(_ count: Int) -> Bool {
            guard rest.count >= count else { return false }
            rest = rest.dropFirst(count)
            return true
        }

        mutating func integer(_ count: Int) -> Int64? {
            let bytes = rest.prefix(count)
            guard bytes.count == count, skip(count), let first = bytes.first else { return nil }
            return bytes.dropFirst().reduce(Int64(Int8(bitPattern: first))) { $0 << 8 | Int64($1) }
        }
    }
}

// MARK: - The user's zone

extension TimeZoneRules {
    private static let directory = "/usr/share/zoneinfo/"

    /// The zone that `TZ` names, else the machine's own; UTC where there is none (`man 3 tzset`).
    static let local: TimeZoneRules = {
        guard let name = Environment["TZ"] else { return read("/etc/localtime") ?? .utc }
        return named(name) ?? .utc
    }()

    private static func named(_ text: String) -> TimeZoneRules? {
        let name = text.hasPrefix(":") ? String(text.dropFirst()) : text
        guard !name.isEmpty else { return nil }
        if name.hasPrefix("/") { return read(name) }
        let isPlain = !name.split(separator: "/").contains("..")
        if isPlain, let zone = read(directory + name) { return zone }
        return ZoneRule(name).map { TimeZoneRules(rule: $0) }
    }

    private static func read(_ path: String) -> TimeZoneRules? {
        guard let bytes = try? readHostFile(path, limit: 64 << 10) else { return nil }
        return TimeZoneRules(file: bytes)
    }
}
