internal import CLinux

/// How a lock is held.
package enum LockMode: Sendable {
    case shared
    case exclusive
}

extension Descriptor {
    /// Waits for a lock on the open file; it ends with the last descriptor of this open file, also by kill -9.
    ///
    /// The corresponding system call is `flock`.
    package func lock(_ mode: LockMode) throws(Errno) {
        try check(linux_flock(number, mode == .shared ? 1 : 2))
    }

    /// Takes the lock if nobody is in the way.
    ///
    /// - Returns: whether it was taken.
    package func tryLock(_ mode: LockMode) throws(Errno) -> Bool {
        let result = linux_flock(number, (mode == .shared ? 1 : 2) | 4)
        if result == -Errno.wouldBlock.rawValue { return false }
        try check(result)
        return true
    }

    /// Gives the lock back.
    package func unlock() throws(Errno) { try check(linux_flock(number, 8)) }
}
