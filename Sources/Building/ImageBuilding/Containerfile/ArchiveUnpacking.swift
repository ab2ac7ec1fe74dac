internal import Linux
internal import Seccomp
internal import Unpacking

/// Unpacks an archive in a process of its own that can reach nothing else (R11).
enum ArchiveUnpacking {
    /// Unpacks a file into an empty directory.
    static func unpack(
        _ file: borrowing Descriptor,
        into tree: borrowing Directory,
        warn: (String) -> Void
    ) throws {
        let status: ExitStatus
        if let child = try Child.fork() {
            status = try child.wait()
        } else {
            unpackCaged(file, into: tree, warn)
        }
        guard status == .exited(0) else {
            throw BuildError.invalid("the archive can't be unpacked")
        }
    }

    private static func unpackCaged(
        _ file: borrowing Descriptor,
        into tree: borrowing Directory,
        _ warn: (String) -> Void
    ) -> Never {
        do {
            _ = try Cage.enter(reaching: tree)
            try CurrentProcess.loadFilter(Seccomp.refusing(Cage.forbiddenSystemCalls).map(\.word))
            let unpacked = try LayerUnpacker().unpack(
                BlobSource(file),
                into: tree,
                readsWhiteouts: false
            )
            for warning in unpacked.warnings { warn("warning: \(warning)") }
            CurrentProcess.exit(0)
        } catch {
            warn("\(error)")
            CurrentProcess.exit(1)
        }
    }
}
