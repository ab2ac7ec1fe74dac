import CProbe
import Glibc

/// A system call that failed, by the name of its error.
struct Refusal: Error, CustomStringConvertible {
    let number: Int

    var description: String {
        switch number {
        case 1: "EPERM"
        case 2: "ENOENT"
        case 6: "ENXIO"
        case 9: "EBADF"
        case 11: "EAGAIN"
        case 12: "ENOMEM"
        case 13: "EACCES"
        case 14: "EFAULT"
        case 17: "EEXIST"
        case 19: "ENODEV"
        case 20: "ENOTDIR"
        case 21: "EISDIR"
        case 22: "EINVAL"
        case 25: "ENOTTY"
        case 26: "ETXTBSY"
        case 30: "EROFS"
        case 38: "ENOSYS"
        case 40: "ELOOP"
        case 93: "EPROTONOSUPPORT"
        case 97: "EAFNOSUPPORT"
        default: "errno-\(number)"
        }
    }
}

/// Performs a system call.
@discardableResult
func call(
    _ number: Int,
    _ a: Int = 0,
    _ b: Int = 0,
    _ c: Int = 0,
    _ d: Int = 0,
    _ e: Int = 0,
    _ f: Int = 0
) throws(Refusal) -> Int {
    let result = CProbeCall(number, a, b, c, d, e, f)
    guard result >= 0 else { throw Refusal(number: -result) }
    return result
}

/// Lends the address of a text for a system call, with a zero at its end.
func withAddress<T>(of text: String, _ body: (Int) throws(Refusal) -> T) throws(Refusal) -> T {
    var bytes = Array(text.utf8) + [0]
    return try withAddress(of: &bytes, body)
}

/// Lends the address of a buffer for a system call.
func withAddress<T>(
    of bytes: inout [UInt8],
    _ body: (Int) throws(Refusal) -> T
) throws(Refusal) -> T {
    do {
        return try unsafe bytes.withUnsafeMutableBytes { buffer in
            try body(Int(bitPattern: buffer.baseAddress))
        }
    } catch let refusal as Refusal {
        throw refusal
    } catch {
        throw Refusal(number: 22)
    }
}

/// A file opened by the probe, closed with the value.
struct OpenFile: ~Copyable {
    let number: Int

    init(_ path: String, _ flags: Int = 0, mode: Int = 0o600) throws(Refusal) {
        number = try withAddress(of: path) { address throws(Refusal) in
            try call(SystemCall.openat, -100, address, flags | 0o2_000_000, mode)
        }
    }

    deinit { _ = try? call(SystemCall.close, number) }

    func read(limit: Int = 1 << 20) throws(Refusal) -> [UInt8] {
        var (all, chunk): ([UInt8], [UInt8]) = ([], Array(repeating: 0, count: 65536))
        while all.count < limit {
            let count = try withAddress(of: &chunk) { address throws(Refusal) in
                try call(SystemCall.read, number, address, 65536)
            }
            guard count > 0 else { break }
            all += chunk[..<count]
        }
        return all
    }

    func write(_ text: String) throws(Refusal) {
        try withAddress(of: text) { address throws(Refusal) in
            _ = try call(SystemCall.write, number, address, text.utf8.count)
        }
    }

    /// The names in a directory, without `.` and `..`.
    func names() throws(Refusal) -> [String] {
        var (found, buffer): ([String], [UInt8]) = ([], Array(repeating: 0, count: 65536))
        while true {
            let count = try withAddress(of: &buffer) { address throws(Refusal) in
                try call(SystemCall.getdents64, number, address, 65536)
            }
            guard count > 0 else { break }
            var at = 0
            while at < count {
                let length = Int(buffer[at + 16]) | Int(buffer[at + 17]) << 8
                let name = buffer[(at + 19)..<(at + length)].prefix { $0 != 0 }
                found.append(String(decoding: name, as: UTF8.self))
                at += length
            }
        }
        return found.filter { $0 != "." && $0 != ".." }.sorted()
    }
}

/// Reads a whole file as text.
func readText(_ path: String) throws(Refusal) -> String {
    String(decoding: try OpenFile(path).read(), as: UTF8.self)
}

/// The names in a directory.
func list(_ path: String) throws(Refusal) -> [String] {
    try OpenFile(path, 0o200_000).names()
}

/// Where a symbolic link points.
func readLink(_ path: String) throws(Refusal) -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = try withAddress(of: path) { name throws(Refusal) in
        try withAddress(of: &buffer) { address throws(Refusal) in
            try call(SystemCall.readlinkat, -100, name, address, 4096)
        }
    }
    return String(decoding: buffer[..<count], as: UTF8.self)
}

/// Does something in a child of its own, and says how it went: `ok`, an error's name or `killed-N`.
func inChild(_ body: () throws(Refusal) -> Void) -> String {
    let child = CProbeFork()
    guard child >= 0 else { return "fork-\(Refusal(number: Int(-child)))" }
    if child == 0 {
        do throws(Refusal) { try body() } catch { CProbeExit(Int32(clamping: error.number)) }
        CProbeExit(0)
    }
    let code = Int(CProbeWait(child))
    switch code {
    case 0: return "ok"
    case 256...: return "killed-\(code - 256)"
    default: return "\(Refusal(number: code))"
    }
}

/// The result of an attempt in this process: `ok` or an error's name.
func attempt(_ body: () throws(Refusal) -> Void) -> String {
    do throws(Refusal) { try body() } catch { return "\(error)" }
    return "ok"
}

/// Prints one line on standard output, all of it or as much as its reader takes.
func say(_ line: String, to descriptor: Int = 1) {
    let text = line + "\n"
    _ = try? withAddress(of: text) { address throws(Refusal) in
        try call(SystemCall.write, descriptor, address, text.utf8.count)
    }
}

/// Numbers of system calls, as the kernel's headers have them for this processor.
enum SystemCall {
    #if arch(x86_64)
    static let (read, write, close, ioctl, socket) = (0, 1, 3, 16, 41)
    static let (clone, ptrace, personality, mount, openat) = (56, 101, 135, 165, 257)
    static let (mknodat, unshare, setns, keyctl, readlinkat) = (259, 272, 308, 250, 267)
    static let (getdents64, addKey, perfEventOpen, bpf, clone3) = (217, 248, 298, 321, 435)
    static let (initModule, kexecLoad, openByHandleAt, userfaultfd) = (175, 246, 304, 323)
    static let (ioUringSetup, getgroups, nanosleep, kill, statx) = (425, 115, 35, 62, 332)
    static let (chdir, pivotRoot, umount, syslog, reboot, unlinkat) = (80, 155, 166, 103, 169, 263)
    static let (getuid, chroot, fsopen, getrlimit) = (102, 161, 430, 97)
    #else
    static let (read, write, close, ioctl, socket) = (63, 64, 57, 29, 198)
    static let (clone, ptrace, personality, mount, openat) = (220, 117, 92, 40, 56)
    static let (mknodat, unshare, setns, keyctl, readlinkat) = (33, 97, 268, 219, 78)
    static let (getdents64, addKey, perfEventOpen, bpf, clone3) = (61, 217, 241, 280, 435)
    static let (initModule, kexecLoad, openByHandleAt, userfaultfd) = (105, 104, 265, 282)
    static let (ioUringSetup, getgroups, nanosleep, kill, statx) = (425, 158, 101, 129, 291)
    static let (chdir, pivotRoot, umount, syslog, reboot, unlinkat) = (49, 41, 39, 116, 142, 35)
    static let (getuid, chroot, fsopen, getrlimit) = (174, 51, 430, 163)
    #endif
}
