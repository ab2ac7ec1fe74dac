internal import CStage1Plan

/// Reads a plan's records: see `CStage1Plan.h` for the format.
///
/// Everything is nil from the first place on where the bytes end too early.
struct PlanReader: Sequence, IteratorProtocol {
    /// One record.
    struct Record {
        let kind: plan_kind
        let payload: PlanReader
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next record; nil at the end of the plan or of the record that holds these.
    mutating func next() -> Record? {
        guard let kind = number(bytes: 4), kind & 0xFFFF != 0, let length = number(bytes: 4),
            let payload = take(length)
        else { return nil }
        return Record(
            kind: plan_kind(rawValue: UInt32(kind & 0xFFFF)),
            payload: PlanReader(payload)
        )
    }

    mutating func integer() -> Int64? {
        number(bytes: 8).map { Int64(bitPattern: $0) }
    }

    mutating func string() -> String? {
        data().map { String(decoding: $0, as: UTF8.self) }
    }

    /// Bytes behind their length, with the NUL behind them skipped.
    mutating func data() -> [UInt8]? {
        guard let length = number(bytes: 4), let bytes = take(length), take(1) != nil else {
            return nil
        }
        return Array(bytes)
    }

    mutating func strings() -> [String]? { list { $0.string() } }

    mutating func integers() -> [Int64]? { list { $0.integer() } }

    private mutating func list<Element>(
        _ element: (inout PlanReader) -> Element?
    ) -> [Element]? {
        guard let count = integer(), count >= 0 else { return nil }
        var result: [Element] = []
        while result.count < count {
            guard let next = element(&self) else { return nil }
            result.append(next)
        }
        return result
    }

    private mutating func number(bytes count: UInt64) -> UInt64? {
        guard let bytes = take(count) else { return nil }
        return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
        guard count <= UInt64(rest.count) else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }
}
