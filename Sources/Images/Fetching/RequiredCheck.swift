internal import Compression
internal import ImageStorage
internal import Linux
internal import OpenPGP
internal import Trust

/// What has to be checked of an image before anything else of it is read.
enum RequiredCheck: ~Copyable {
    /// Nothing: the format has no signature, or the user waived it.
    case nothing
    /// Signatures over the file.
    case signatures(SignatureChecker, file: Descriptor)

    /// Starts what the request needs; to be called before the cage closes.
    static func prepare(for request: FetchRequest) throws(ImportError) -> RequiredCheck {
        guard request.needsSignature else { return .nothing }
        // A request without a signature is none that `rkt` makes.
        guard request.hasSignature else { throw .invalid("it is not signed") }
        return try trusting { () throws(TrustError) in
            .signatures(
                try SignatureChecker.start(
                    GPGVLauncher.command,
                    keys: request.keystore.keys()
                ),
                file: Descriptor(owning: FetchRequest.Inherited.signature)
            )
        }
    }

    /// Checks the file.
    ///
    /// - Returns: nil if nothing had to be checked.
    consuming func archive(
        _ image: borrowing Descriptor
    ) throws(ImportError) -> VerifiedArchive? {
        switch consume self {
        case .nothing: return nil
        case .signatures(let checker, let file):
            let signatures = try Self.signatures(file)
            do throws(TrustError) {
                var running = try checker.begin(signatures)
                let digest = try Self.feed(image, to: &running)
                return try running.finish(digest: digest)
            } catch { throw .untrusted(error) }
        }
    }

    private static func signatures(
        _ file: borrowing Descriptor
    ) throws(ImportError) -> DetachedSignature {
        let bytes = try step("read the signature") { () throws(Errno) in
            try file.readToEnd(limit: DetachedSignature.sizeLimit)
        }
        do throws(OpenPGPError) {
            return try DetachedSignature(parsing: bytes)
        } catch { throw .untrusted(.signature(error)) }
    }

    /// Hands over the whole file and returns its digest.
    private static func feed(
        _ image: borrowing Descriptor,
        to check: inout RunningCheck
    ) throws(TrustError) -> String {
        var offset: Int64 = 0
        do {
            var hasher = try Hasher(.sha256)
            while true {
                let bytes = try image.read(at: offset, count: 256 << 10)
                if bytes.isEmpty { return try "sha256:" + hexadecimal(hasher.finish()) }
                try hasher.update(bytes.span)
                check.write(bytes)
                offset += Int64(bytes.count)
            }
        } catch { throw .program("rkt-fetcher", reason: "\(error)") }
    }
}
