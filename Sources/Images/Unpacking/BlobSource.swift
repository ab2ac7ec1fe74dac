package import Linux

/// A stretch of an open file that holds an archive: the whole file, or a member of a tar around it.
package final class BlobSource: Sendable {
    private let file: Descriptor
    private let offset: UInt64
    /// How long it is.
    package let length: UInt64
    /// Waits for bytes that are still to come; nil for a file that is whole.
    private let arrival: (@Sendable (_ position: UInt64) -> Bool)?

    /// A file that is still being written, of which `length` bytes are to come in all.
    ///
    /// - Parameter arrival: waits until there is something behind a position; false if nothing will come any more.
    package init(
        _ file: borrowing Descriptor,
        length: UInt64,
        arrival: @escaping @Sendable (_ position: UInt64) -> Bool
    ) throws(UnpackError) {
        do throws(Errno) { self.file = try file.duplicate() } catch { throw .read(error) }
        self.length = length
        self.arrival = arrival
        offset = 0
    }

    /// A regular file from `offset` on; without a length up to its end.
    package init(
        _ file: borrowing Descriptor,
        offset: UInt64 = 0,
        length: UInt64? = nil
    ) throws(UnpackError) {
        do throws(Errno) {
            let status = try file.status()
            guard status.kind == .regular, status.size >= offset else {
                throw Errno.illegalSeek
            }
            self.file = try file.duplicate()
            self.offset = offset
            self.length = length ?? (status.size - offset)
            arrival = nil
        } catch {
            throw .read(error)
        }
    }

    /// Reads at `position` of the stretch; shorter only at the end.
    func read(
        into buffer: inout MutableSpan<UInt8>,
        at position: UInt64
    ) throws(UnpackError) -> Int {
        let wanted = min(UInt64(buffer.count), length - position)
        let (start, overflow) = offset.addingReportingOverflow(position)
        guard !overflow, wanted > 0 else { return 0 }
        let count = try read(into: &buffer, from: start, Int(wanted))
        guard count == 0, let arrival, arrival(position) else { return count }
        // What was said to be there and isn't has been taken away again: that is the end.
        return try read(into: &buffer, from: start, Int(wanted))
    }

    private func read(
        into buffer: inout MutableSpan<UInt8>,
        from start: UInt64,
        _ limit: Int
    ) throws(UnpackError) -> Int {
        do throws(Errno) {
            return try file.read(into: &buffer, at: start, limit: limit)
        } catch {
            throw .read(error)
        }
    }
}
