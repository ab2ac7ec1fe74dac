package import Linux

/// A file that gets the uncompressed tar while it is unpacked.
package struct TarCopy: Sendable {
    private let file: SharedDescriptor

    /// Writes into an empty file that is open for writing.
    package init(_ file: borrowing Descriptor) throws(UnpackError) {
        self.file = try SharedDescriptor(file)
    }

    /// Writes a part of the tar.
    func write(_ bytes: Span<UInt8>, at offset: UInt64) throws(UnpackError) {
        do throws(Errno) {
            try file.descriptor.write(bytes, at: offset)
        } catch {
            throw .write(path: "uncompressed archive", error)
        }
    }

    private final class SharedDescriptor: Sendable {
        let descriptor: Descriptor

        init(_ file: borrowing Descriptor) throws(UnpackError) {
            do throws(Errno) {
                descriptor = try file.duplicate()
            } catch {
                throw .write(path: "uncompressed archive", error)
            }
        }
    }
}
