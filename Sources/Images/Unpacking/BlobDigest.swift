internal import Compression
package import Linux

/// The SHA-256 of a file, as hexadecimal digits; of what can be read, if that fails somewhere.
package func sha256(of file: borrowing Descriptor) throws(UnpackError) -> String {
    var offset: Int64 = 0
    do throws(CompressionError) {
        var hasher = try Hasher(.sha256)
        while let bytes = try? file.read(at: offset, count: 1 << 20), !bytes.isEmpty {
            try hasher.update(bytes.span)
            offset += Int64(bytes.count)
        }
        return hexadecimal(try hasher.finish())
    } catch { throw .compression(error) }
}
