import Foundation

/// A small ext4 of its own on a loop device, where a test may fill the disk.
package final class SmallFileSystem: Sendable {
    /// Where it is mounted.
    package let path: String
    private let scratch: Scratch

    /// Makes and mounts one of the given size.
    package init(megabytes: Int) throws {
        scratch = try Scratch()
        path = try scratch.makeDirectory("mounted")
        try tool("truncate", "-s", "\(megabytes)M", scratch("disk"))
        try tool("mkfs.ext4", "-q", "-F", scratch("disk"))
        try tool("mount", "-o", "loop", scratch("disk"), path)
    }

    deinit {
        _ = try? tool("umount", path)
    }

    /// How many bytes are in use.
    package func used() throws -> Int {
        let answer = try tool("df", "--output=used", "-B1", path)
        return Int(answer.split(separator: "\n").last?.filter(\.isNumber) ?? "") ?? 0
    }
}
