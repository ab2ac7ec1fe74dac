package import Archives

/// Why a compressed stream was refused.
package enum CompressionError: Error, Equatable {
    /// The stream is damaged, fails its own check, or has something else behind its end.
    case corrupt(CompressionFormat)
    /// The stream ends too early.
    case truncated(CompressionFormat)
    /// The stream needs more memory to unpack than allowed.
    case memory(CompressionFormat)
    /// A resource of this process ran out.
    case exhausted(String)
    /// Nothing is written in this format, only read.
    case unwritable(CompressionFormat)
    /// The compressed stream couldn't be written, with the kernel's error number.
    case write(Int32)
}

extension CompressionError: CustomStringConvertible {
    /// One sentence for the user.
    package var description: String {
        switch self {
        case .corrupt(let format):
            "damaged \(format.rawValue) data, or something else behind its end"
        case .truncated(let format): "\(format.rawValue) data is cut off"
        case .memory(let format): "\(format.rawValue) data needs too much memory to unpack"
        case .exhausted(let what): "can't get \(what)"
        case .unwritable(let format):
            "\(format.rawValue) can only be read (write gzip, zstd or plain)"
        case .write(28): "no space left"
        case .write(let number): "can't write: error \(number)"
        }
    }
}
