import Linux
import Testing

@Suite struct ProcessTests {
    /// R4: a child gets the descriptors it is given and no other.
    @Test func aChildInheritsOnlyWhatIsNamed() throws {
        let secret = try Descriptor.open("/etc/hostname")
        let pipe = try Pipe()
        let child = try Child.spawn(
            "/bin/ls",
            arguments: ["ls", "/proc/self/fd"],
            descriptors: [0, pipe.writing.number, 2]
        )
        let output = pipe.readingEnd()
        let listed = String(decoding: try output.readToEnd(), as: UTF8.self)
        #expect(try child.wait() == .exited(0))
        // The fourth is what ls reads the directory through.
        #expect(listed.split(separator: "\n") == ["0", "1", "2", "3"])
        _ = try secret.status()
    }

    @Test func aMissingProgramIsTheCallersError() throws {
        #expect(throws: Errno.noSuchFile) {
            _ = try Child.spawn("/nonexistent", arguments: ["x"]).wait()
        }
    }

    @Test func deathBySignalIsTold() throws {
        let child = try Child.spawn("/bin/sh", arguments: ["sh", "-c", "kill -9 $$"])
        #expect(try child.wait() == .signaled(9))
    }

    @Test func sealedMemoryCannotBeChanged() throws {
        let memory = try Descriptor.sealedMemory(name: "test", Array("plan".utf8))
        #expect(throws: Errno.notPermitted) { try memory.write([1]) }
        #expect(throws: Errno.notPermitted) { try memory.truncate(to: 0) }
        #expect(try memory.read(at: 0, count: 10) == Array("plan".utf8))
    }

    @Test func aLockEndsWithItsHolder() throws {
        let scratch = try Scratch()
        let first = try scratch.directory.duplicate()
        let second = try Directory(path: scratch.path)
        let held = try Directory(path: scratch.path)
        try held.descriptor.lock(.exclusive)
        #expect(try second.descriptor.tryLock(.shared) == false)
        _ = first
        release(held)
        #expect(try second.descriptor.tryLock(.shared))
    }

    private func release(_ directory: consuming Directory) {}
}
