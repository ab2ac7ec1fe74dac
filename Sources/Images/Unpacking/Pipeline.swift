internal import Archives
internal import Compression
internal import Linux
internal import OCI

/// Reads, hashes and inflates a blob on threads of their own, and hands the tar to the caller's.
///
///     reader ─┬─ inflate ─┬─ caller (untar)
///             └─ hash     └─ hash
///
/// A thread that fails cancels both rings, which ends the others; its error is the one that is reported.
struct Pipeline {
    /// What the caller learns when the stream has ended.
    struct Outcome {
        let digest: Digest?
        let diffID: Digest
        let tarLength: UInt64
    }

    private let source: BlobSource
    private let format: CompressionFormat
    private let hashesBlob: Bool
    private let blobs: BufferRing
    private let tars: BufferRing

    /// A pipeline from the start of a blob.
    init(_ source: BlobSource, hashesBlob: Bool) throws(UnpackError) {
        var start = [UInt8](repeating: 0, count: CompressionFormat.detectionLength)
        var span = start.mutableSpan
        var count = try source.read(into: &span, at: 0)
        // Of a file that is still coming there may be less than that.
        while count < span.count, UInt64(count) < source.length {
            var rest = span._mutatingExtracting(droppingFirst: count)
            let more = try source.read(into: &rest, at: UInt64(count))
            guard more > 0 else { break }
            count += more
        }
        guard let format = CompressionFormat(detecting: start.span.extracting(first: count)) else {
            throw .notAnArchive
        }
        self.source = source
        self.format = format
        self.hashesBlob = hashesBlob
        do throws(CompressionError) {
            blobs = try BufferRing(slots: 4, slotSize: 256 << 10, consumers: hashesBlob ? 2 : 1)
            tars = try BufferRing(slots: 8, slotSize: 256 << 10, consumers: 2)
        } catch {
            throw .compression(error)
        }
    }

    /// Runs the whole stream through `untar`.
    ///
    /// - Parameters:
    ///   - algorithm: how the uncompressed tar is hashed.
    ///   - keepTar: where the uncompressed tar is written too.
    ///   - progress: told how many bytes of the blob were read, on another thread.
    func run(
        tarAlgorithm algorithm: Digest.Algorithm,
        blobAlgorithm: Digest.Algorithm = .sha256,
        keepTar: TarCopy? = nil,
        progress: @escaping @Sendable (UInt64) -> Void,
        untar: (Span<UInt8>) throws(UnpackError) -> Void
    ) throws(UnpackError) -> Outcome {
        let stages = try Stages(
            reader: start { () throws(UnpackError) in try self.read(progress) },
            inflater: start { () throws(UnpackError) in try self.inflate() },
            blobHash: start { () throws(UnpackError) in
                guard self.hashesBlob else { return nil }
                return try self.hash(self.blobs, as: 1, blobAlgorithm, nil).digest
            },
            tarHash: start { () throws(UnpackError) in
                try self.hash(self.tars, as: 1, algorithm, keepTar)
            }
        )
        var failure: UnpackError?
        do throws(UnpackError) {
            while try tars.consume(as: 0, untar) {}
        } catch {
            failure = error
            cancel()
        }
        return try stages.join(failure)
    }

    /// The running threads.
    private struct Stages: ~Copyable {
        let reader: Stage<Void, UnpackError>
        let inflater: Stage<Void, UnpackError>
        let blobHash: Stage<Digest?, UnpackError>
        let tarHash: Stage<(digest: Digest, length: UInt64), UnpackError>

        consuming func join(_ failure: UnpackError?) throws(UnpackError) -> Outcome {
            var first: UnpackError?
            var digest: Digest?
            var tar: (digest: Digest, length: UInt64)?
            do throws(UnpackError) { try reader.join() } catch { first = error }
            do throws(UnpackError) { try inflater.join() } catch { first = first ?? error }
            do throws(UnpackError) { digest = try blobHash.join() } catch { first = first ?? error }
            do throws(UnpackError) { tar = try tarHash.join() } catch { first = first ?? error }
            if let error = first ?? failure { throw error }
            guard let tar else { throw .notAnArchive }
            return Outcome(digest: digest, diffID: tar.digest, tarLength: tar.length)
        }
    }

    private func cancel() {
        blobs.cancel()
        tars.cancel()
    }

    /// Starts a thread that takes the others with it when it fails.
    private func start<Value: Sendable>(
        _ work: @escaping @Sendable () throws(UnpackError) -> Value
    ) throws(UnpackError) -> Stage<Value, UnpackError> {
        let (blobs, tars) = (blobs, tars)
        do throws(CompressionError) {
            return try Stage { () throws(UnpackError) in
                do throws(UnpackError) {
                    return try work()
                } catch {
                    blobs.cancel()
                    tars.cancel()
                    throw error
                }
            }
        } catch {
            cancel()
            throw .compression(error)
        }
    }
}

// MARK: - The threads

extension Pipeline {
    private func read(_ progress: (UInt64) -> Void) throws(UnpackError) {
        var position: UInt64 = 0
        while position < source.length {
            var count = 0
            let goesOn = try blobs.produce { (buffer) throws(UnpackError) in
                count = try source.read(into: &buffer, at: position)
                return count
            }
            guard goesOn else { return }
            guard count > 0 else { throw .size(expected: source.length, actual: position) }
            position += UInt64(count)
            progress(position)
        }
        blobs.close()
    }

    private func inflate() throws(UnpackError) {
        do throws(CompressionError) {
            var output = try TarStream(format, tars)
            while try blobs.consume(
                as: 0,
                { (input) throws(CompressionError) in try output.take(input) }
            ) {}
            guard !blobs.isCancelled else { return }
            try output.finish()
            tars.close()
        } catch {
            throw .compression(error)
        }
    }

    private func hash(
        _ ring: BufferRing,
        as consumer: Int,
        _ algorithm: Digest.Algorithm,
        _ copy: TarCopy?
    ) throws(UnpackError) -> (digest: Digest, length: UInt64) {
        var hasher: Hasher
        do throws(CompressionError) {
            hasher = try Hasher(algorithm == .sha256 ? .sha256 : .sha512)
        } catch {
            throw .compression(error)
        }
        var length: UInt64 = 0
        while try ring.consume(
            as: consumer,
            { (bytes) throws(UnpackError) in
                do throws(CompressionError) {
                    try hasher.update(bytes)
                } catch {
                    throw .compression(error)
                }
                try copy?.write(bytes, at: length)
                length += UInt64(bytes.count)
            }
        ) {}
        let sum: [UInt8]
        do throws(CompressionError) { sum = try hasher.finish() } catch {
            throw .compression(error)
        }
        guard let digest = Digest(algorithm, sum: sum) else { throw .notAnArchive }
        return (digest, length)
    }
}
