internal import Linux

/// The events that one half of the fetcher tells, read as they come.
///
/// The half may have been taken over by what it reads: it gets no more memory here than a few lines.
struct EventLines {
    private var rest: [UInt8] = []
    /// The last event that says how it ended, or is going to end.
    private(set) var last: FetchEvent?

    /// Reads once.
    ///
    /// - Returns: false at the end, and for what isn't lines of events.
    mutating func take(_ events: borrowing Descriptor, _ body: (FetchEvent) -> Void) -> Bool {
        guard let bytes = try? events.read(upTo: FetchEvent.lengthLimit), !bytes.isEmpty else {
            return false
        }
        rest += bytes
        while let end = rest.firstIndex(of: 0x0A) {
            if let event = FetchEvent(line: rest[..<end]) { tell(event, body) }
            rest.removeSubrange(...end)
        }
        return rest.count <= FetchEvent.lengthLimit
    }

    private mutating func tell(_ event: FetchEvent, _ body: (FetchEvent) -> Void) {
        switch event {
        case .stored, .failed, .remote, .unchanged: last = event
        default: break
        }
        body(event)
    }
}
