package import Foundation

/// A directory of a test's own below `/tmp`, removed with everything in it when the test lets go.
package final class Scratch: Sendable {
    /// The directory's absolute path.
    package let path: String

    /// Makes a fresh, empty directory that only its owner can enter.
    package init(mode: Int = 0o755) throws {
        path = "/tmp/rkt-test-\(UUID().uuidString.prefix(8).lowercased())"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: mode]
        )
    }

    deinit {
        // rm stays on this file system, so a volume that a failed test left mounted is not emptied.
        _ = try? Execution(["/bin/rm", "-rf", "--one-file-system", path]).finished()
    }

    /// The absolute path of something in the directory.
    package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, making the directories it needs, and returns its absolute path.
    @discardableResult
    package func write(_ contents: String, to name: String, mode: Int = 0o644) throws -> String {
        try write(Data(contents.utf8), to: name, mode: mode)
    }

    /// Writes a file of arbitrary bytes and returns its absolute path.
    ///
    /// Another process writes a program: while one that another test starts just now holds our descriptor,
    /// the kernel would refuse to run it (ETXTBSY).
    @discardableResult
    package func write(_ contents: Data, to name: String, mode: Int = 0o644) throws -> String {
        let file = self(name)
        try makeDirectory(name.split(separator: "/").dropLast().joined(separator: "/"))
        let isProgram = mode & 0o111 != 0
        let written = isProgram ? file + ".draft" : file
        try contents.write(to: URL(fileURLWithPath: written))
        if isProgram {
            _ = try Execution(["/bin/cp", written, file]).finished()
            try FileManager.default.removeItem(atPath: written)
        }
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }

    /// Makes a directory with its parents and returns its absolute path.
    @discardableResult
    package func makeDirectory(_ name: String) throws -> String {
        let directory = name.isEmpty ? path : self(name)
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        return directory
    }

    /// Makes a certificate of its own for `localhost` and a day, `cert.pem`, with its key, `key.pem`.
    package func makeCertificate() throws {
        try tool(
            ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "1"]
                + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
                + ["-keyout", self("key.pem"), "-out", self("cert.pem")]
        )
    }

    /// Reads a file as text; an absent file is nil.
    package func read(_ name: String) -> String? {
        File.read(self(name))
    }

    /// The names in a directory, sorted; none if there is no such directory.
    package func list(_ name: String = ".") -> [String] {
        File.list(self(name))
    }
}

/// Reading files of the machine without ceremony.
package enum File {
    /// Reads a file as text, replacing what isn't UTF-8; an absent file is nil.
    package static func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The names in a directory, sorted; none if there is no such directory.
    package static func list(_ path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
    }

    /// Whether the path names anything, a dangling symbolic link included.
    package static func exists(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path)) != nil
    }
}

extension File {
    /// The bytes of a file; an absent file is nil.
    package static func data(_ path: String) -> Data? {
        FileManager.default.contents(atPath: path)
    }
}
