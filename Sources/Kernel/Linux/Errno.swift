internal import CLinux

/// A kernel error number, as `errno(3)` lists them.
package struct Errno: Error, Equatable, Hashable, Sendable, CustomStringConvertible {
    /// The positive number.
    package let rawValue: Int32

    /// An error from its positive number.
    package init(_ rawValue: Int32) { self.rawValue = rawValue }

    package static let notPermitted = Errno(1)
    package static let noSuchFile = Errno(2)
    package static let noSuchProcess = Errno(3)
    package static let badDescriptor = Errno(9)
    package static let noChild = Errno(10)
    package static let wouldBlock = Errno(11)
    package static let accessDenied = Errno(13)
    package static let busy = Errno(16)
    package static let exists = Errno(17)
    package static let crossDevice = Errno(18)
    package static let notDirectory = Errno(20)
    package static let isDirectory = Errno(21)
    package static let invalidArgument = Errno(22)
    package static let fileTooLarge = Errno(27)
    package static let noSpace = Errno(28)
    package static let illegalSeek = Errno(29)
    package static let readOnlyFileSystem = Errno(30)
    package static let brokenPipe = Errno(32)
    package static let nameTooLong = Errno(36)
    package static let noSystemCall = Errno(38)
    package static let directoryNotEmpty = Errno(39)
    package static let tooManyLinks = Errno(40)
    package static let notSupported = Errno(95)

    /// The kernel's text for the error, as `strerror(3)` gives it.
    package var description: String { unsafe String(cString: linux_error_text(rawValue)) }
}

/// Turns the kernel's convention, zero or more or a negated errno, into a value or an error.
@discardableResult
package func check<Result: BinaryInteger>(_ result: Result) throws(Errno) -> Result {
    guard result >= 0 else { throw Errno(Int32(truncatingIfNeeded: -Int64(result))) }
    return result
}
