package import Linux

/// A stretch of an open file that holds an archive: the whole file, or a member of a tar around it.
package final class BlobSource: Sendable {
    private let file: Descriptor
    private let offset: UInt64
    /// How long it is.
    package let length: UInt64

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
        do throws(Errno) {
            return try file.read(into: &buffer, at: start, limit: Int(wanted))
        } catch {
            throw .read(error)
        }
    }
}
