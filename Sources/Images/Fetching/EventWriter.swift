internal import ImageStorage
internal import Linux

/// Tells `rkt` how the work goes, also from the unpacker's threads: each event is one write.
final class EventWriter: Sendable {
    private let pipe: Descriptor
    /// How often progress is told.
    private static let step: UInt64 = 4 << 20

    /// Writes to a pipe.
    init(_ pipe: consuming Descriptor) { self.pipe = pipe }

    /// Tells an event.
    ///
    /// If nobody listens any more, the import is finished all the same.
    func tell(_ event: FetchEvent) { try? pipe.write(Array(event.line.utf8)) }

    /// What an unpacker is given to tell its progress: `before` bytes of other parts are done already.
    func progress(after before: UInt64, of total: UInt64) -> @Sendable (UInt64) -> Void {
        { [self] done in
            // The unpacker reads in steps of a quarter of a mebibyte.
            guard done % Self.step < 256 << 10 else { return }
            tell(.progress(done: before.addingReportingOverflow(done).partialValue, total: total))
        }
    }
}
