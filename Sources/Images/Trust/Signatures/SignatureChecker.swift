internal import Linux
package import OpenPGP

/// GnuPG's `gpgv`, waiting to check the signatures over one archive.
///
/// It is started before anything of the image is looked at, in a process that is confined on its own, and knows only the
/// keys it is given. No file of GnuPG's is read or written.
package struct SignatureChecker: ~Copyable {
    /// The descriptors of the process besides its standard input, which is the archive, and output, which is the status.
    package enum Inherited {
        package static let signature: Int32 = 3
        package static let keyring: Int32 = 4
    }

    /// Where the program may lie.
    private static let programs = ["/usr/bin/gpgv", "/usr/local/bin/gpgv", "/bin/gpgv"]
    /// How long it may think after it has seen everything.
    private static let patience: Int32 = 120_000
    private static let statusLimit = 1 << 20

    private let child: Child
    private let archive: Descriptor
    private let signature: Descriptor
    private let status: Descriptor
    private let keys: [TrustedKey]

    /// Starts it.
    ///
    /// - Parameter launcher: the command that calls ``becomeProgram()`` once it is confined.
    package static func start(
        _ launcher: (program: String, arguments: [String]),
        keys: [TrustedKey]
    ) throws(TrustError) -> SignatureChecker {
        guard keys.contains(where: { (try? $0.content.get()) != nil }) else { throw .noKeys }
        do throws(Errno) {
            let null = try Descriptor.open("/dev/null", .readWrite)
            let keyring = try Descriptor.sealedMemory(name: "keyring", keys.keyring)
            let archive = try Pipe()
            let signature = try Pipe()
            let status = try Pipe()
            let child = try Child.spawn(
                launcher.program,
                arguments: launcher.arguments,
                environment: ["LC_ALL=C"],
                descriptors: [
                    archive.reading.number, status.writing.number, null.number,
                    signature.reading.number, keyring.number,
                ]
            )
            return SignatureChecker(
                child: child,
                archive: archive.writingEnd(),
                signature: signature.writingEnd(),
                status: status.readingEnd(),
                keys: keys
            )
        } catch { throw .program(launcher.program, reason: error.description) }
    }

    /// Gives it the signatures; what they are over follows.
    package consuming func begin(
        _ signatures: DetachedSignature
    ) throws(TrustError) -> RunningCheck {
        // All of them fit into its memory: it reads them to the end before it reads the archive.
        try Self.hand(signatures.packets, to: signature)
        return RunningCheck(child: child, archive: archive, status: status, keys: keys)
    }
}

/// The check of the signatures over an archive that is being handed over.
package struct RunningCheck: ~Copyable {
    private let child: Child
    private var archive: Descriptor?
    private let status: Descriptor
    private let keys: [TrustedKey]

    fileprivate init(
        child: consuming Child,
        archive: consuming Descriptor,
        status: consuming Descriptor,
        keys: [TrustedKey]
    ) {
        self.child = child
        self.archive = consume archive
        self.status = status
        self.keys = keys
    }

    /// Hands over the next bytes.
    package mutating func write(_ bytes: [UInt8]) {
        // It may have ended early, over signatures that it can't use for instance: then its status says so.
        do throws(Errno) { try archive?.write(bytes) } catch { archive = nil }
    }

    /// Waits for the verdict over everything that was handed over.
    ///
    /// - Parameter digest: of the bytes that were handed over.
    package consuming func finish(digest: String) throws(TrustError) -> VerifiedArchive {
        archive = nil
        let text = try SignatureChecker.read(status)
        let end = try? child.wait()
        guard end != .exited(SignatureChecker.cannotStart) else {
            throw .program("gpgv", reason: "it is not installed (apt-get install gpgv)")
        }
        let verdicts = StatusReader(text, now: Time.now().seconds).verdicts
        guard !verdicts.isEmpty else {
            throw .program("gpgv", reason: "it ended without a verdict")
        }
        return try VerifiedArchive(digest: digest, verdicts: verdicts, keys: keys)
    }
}

extension SignatureChecker {
    fileprivate static let cannotStart: Int32 = 127

    /// Becomes `gpgv` in the process that ``start(_:keys:)`` has started; returns only if that fails, with an exit code.
    package static func becomeProgram() -> Int32 {
        for program in programs {
            try? CurrentProcess.execute(
                program,
                arguments: [
                    "gpgv", "--status-fd=1", "--homedir=/nonexistent", "--enable-special-filenames",
                    "--weak-digest=SHA1", "--weak-digest=RIPEMD160",
                    "--keyring=/proc/self/fd/\(Inherited.keyring)", "--",
                    "-&\(Inherited.signature)", "-",
                ],
                environment: ["LC_ALL=C"]
            )
        }
        return cannotStart
    }

    private static func hand(
        _ bytes: [UInt8],
        to pipe: consuming Descriptor
    ) throws(TrustError) {
        do throws(Errno) { try pipe.write(bytes) } catch {
            guard error == .brokenPipe else {
                throw .program("gpgv", reason: error.description)
            }
        }
    }

    fileprivate static func read(_ status: borrowing Descriptor) throws(TrustError) -> String {
        var result: [UInt8] = []
        do throws(Errno) {
            while try status.waitUntilReadable(milliseconds: patience) {
                let bytes = try status.read(upTo: 16 << 10)
                if bytes.isEmpty { return String(decoding: result, as: UTF8.self) }
                result += bytes
                guard result.count <= statusLimit else { break }
            }
        } catch { throw .program("gpgv", reason: error.description) }
        throw .program("gpgv", reason: "it took too long")
    }
}
