internal import CCompression

/// A ring of buffers from one producing thread to several consuming ones, each of which sees every byte.
///
/// The producer waits when the slowest consumer is a whole ring behind, so memory is bounded. Whoever fails cancels the
/// ring, which wakes and ends everybody.
@safe
package final class BufferRing: Sendable {
    private nonisolated(unsafe) let ring: OpaquePointer
    private let slotSize: Int

    /// A ring of `slots` buffers of `slotSize` bytes (a multiple of 4096) for up to four consumers.
    package init(slots: Int, slotSize: Int, consumers: Int) throws(CompressionError) {
        guard
            let ring = unsafe compression_ring_create(
                slots,
                slotSize,
                UInt32(truncatingIfNeeded: consumers)
            )
        else { throw .exhausted("memory for buffers") }
        unsafe self.ring = ring
        self.slotSize = slotSize
    }

    deinit { unsafe compression_ring_destroy(ring) }

    /// Lets `fill` put bytes into the next buffer and return how many; a count of zero sends nothing.
    ///
    /// - Returns: false when the ring was cancelled and there is no use in producing more.
    package func produce<Failure: Error>(
        _ fill: (inout MutableSpan<UInt8>) throws(Failure) -> Int
    ) throws(Failure) -> Bool {
        guard let start = unsafe compression_ring_begin_write(ring) else { return false }
        let buffer = unsafe UnsafeMutableBufferPointer(start: start, count: slotSize)
        var span = unsafe MutableSpan(_unsafeElements: buffer)
        let count = try fill(&span)
        if count > 0 { unsafe compression_ring_end_write(ring, count) }
        return true
    }

    /// Says that nothing more will be produced.
    package func close() { unsafe compression_ring_close(ring) }

    /// Ends the work of everybody at the ring.
    package func cancel() { unsafe compression_ring_cancel(ring) }

    /// Whether somebody has ended the work early.
    package var isCancelled: Bool { unsafe compression_ring_is_cancelled(ring) == 1 }

    /// Hands the next buffer to `use`.
    ///
    /// - Returns: false at the end, and when the ring was cancelled.
    package func consume<Failure: Error>(
        as consumer: Int,
        _ use: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        var count = 0
        let index = UInt32(truncatingIfNeeded: consumer)
        guard let start = unsafe compression_ring_begin_read(ring, index, &count) else {
            return false
        }
        defer { unsafe compression_ring_end_read(ring, index) }
        try use(unsafe Span(_unsafeElements: UnsafeBufferPointer(start: start, count: count)))
        return true
    }
}
