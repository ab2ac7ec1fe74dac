internal import Compression
internal import Distribution
internal import ImageStorage
internal import JSON
internal import Linux
internal import OCI
internal import Synchronization
internal import Transfers

/// Gets an image of a registry: finds it, hands its documents over, and downloads the layers that the half that unpacks
/// wants, several at a time.
final class Pull: Sendable {
    /// More connections at once make none of them faster, and registries count them.
    private static let threads = 3

    private let session: RegistrySession
    private let downloads: Shared
    private let link: LinkLock
    private let events: EventWriter
    private let queue = Mutex<[Int]>([])
    private let progress: TotalProgress

    private final class Shared: Sendable {
        let directory: DownloadDirectory
        init(_ directory: consuming DownloadDirectory) { self.directory = directory }
    }

    init(
        _ session: RegistrySession,
        _ downloads: consuming DownloadDirectory,
        _ link: Link,
        _ events: EventWriter
    ) {
        self.session = session
        self.downloads = Shared(downloads)
        self.link = LinkLock(link)
        self.events = events
        progress = TotalProgress(events)
    }

    /// Does the whole work.
    func run(
        _ found: RegistrySession.Resolution,
        signatures: Bool
    ) throws(DistributionError) {
        switch found {
        case .unchanged: events.tell(.unchanged)
        case .image(let image):
            events.tell(.remote(tag: image.root.description, maximumAge: 0))
            let configuration = try session.configuration(of: image)
            try telling { () throws(Errno) in
                try link.link.send(
                    FoundImage(
                        manifest: image.descriptor,
                        manifestBytes: image.manifestBytes,
                        configurationBytes: configuration
                    )
                )
            }
            if signatures {
                let signatures = try session.signatures(of: image)
                try telling { () throws(Errno) in
                    try link.link.send(image.rootBytes, signatures)
                }
            }
            while let line = link.link.line() {
                let wanted = (line["want"]?.array ?? []).compactMap(\.integer)
                    .compactMap { Int(exactly: $0) }
                    .filter { image.manifest.layers.indices.contains($0) }
                try download(wanted, of: image.manifest)
            }
        }
    }

    private func download(_ wanted: [Int], of manifest: Manifest) throws(DistributionError) {
        progress.add(wanted.map { UInt64(clamping: manifest.layers[$0].size) })
        queue.withLock { $0 = wanted }
        var failure: DistributionError?
        // The caller's thread works too.
        var workers: [Worker] = []
        for _ in 1..<max(1, min(Self.threads, wanted.count)) {
            guard let worker = try? Worker({ [self] in self.work(manifest) }) else { break }
            workers.append(worker)
        }
        failure = work(manifest)
        for worker in workers { failure = worker.join() ?? failure }
        if let failure, failure != .transfer(.stopped) { throw failure }
    }

    private final class Worker {
        private var stage: Stage<DistributionError?, Never>?

        init(_ work: @escaping @Sendable () -> DistributionError?) throws(CompressionError) {
            stage = try Stage { () throws(Never) in work() }
        }

        func join() -> DistributionError? { stage.take()?.join() ?? nil }
    }

    /// Downloads layers until there are none left, or one fails.
    private func work(_ manifest: Manifest) -> DistributionError? {
        while let index = queue.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
            do throws(DistributionError) {
                try download(index, manifest.layers[index])
            } catch {
                let isFirst = !session.isStopped
                session.stop()
                queue.withLock { $0 = [] }
                return isFirst ? error : nil
            }
        }
        return nil
    }

    private func download(
        _ index: Int,
        _ blob: ContentDescriptor
    ) throws(DistributionError) {
        let size = UInt64(clamping: blob.size)
        let file: Descriptor?
        do throws(Errno) {
            file = try downloads.directory.claim(blob) { [events] in
                events.tell(.waiting)
            }
        } catch { throw .transfer(.file("open a download", error)) }
        guard let file else { return try arrived(index, size) }
        let copy: Descriptor
        do throws(Errno) { copy = try file.duplicate() } catch {
            throw .transfer(.file("open a download", error))
        }
        try arrived(index, 0)
        let told = Told()
        let sink: FileSink
        do throws(TransferError) {
            sink = try FileSink(
                copy,
                expecting: .init(size: size, limit: size, algorithm: blob.digest.algorithm),
                isImmutable: true
            ) { [self] length in
                progress.advance(to: length, of: index)
                // A reader that waits for the next bytes is woken for a good piece of them.
                guard length >= told.length + 256 << 10 || length == size else { return }
                told.length = length
                do throws(DistributionError) { try arrived(index, length) } catch { session.stop() }
            }
        } catch { throw .transfer(error) }
        do throws(DistributionError) {
            try session.download(blob, into: sink)
        } catch {
            // Another process that waits for the file sees that it is gone, and begins a new one.
            if sink.length == 0 || !error.keepsWhatCame {
                downloads.directory.remove(ImageStore.downloadName(blob.digest))
            }
            throw error
        }
        try arrived(index, size)
    }

    private final class Told { var length: UInt64 = 0 }

    private func arrived(_ index: Int, _ length: UInt64) throws(DistributionError) {
        progress.advance(to: length, of: index)
        try telling { () throws(Errno) in
            try link.send([
                .init("at", .integer(Int64(index))),
                .init("length", .integer(Int64(clamping: length))),
            ])
        }
    }

    /// The other half has ended when it doesn't hear; it has said why.
    private func telling(_ body: () throws(Errno) -> Void) throws(DistributionError) {
        do throws(Errno) { try body() } catch { throw .transfer(.stopped) }
    }
}

extension DistributionError {
    /// Whether what has come of a blob is of use to who asks for it again.
    fileprivate var keepsWhatCame: Bool {
        switch self {
        case .transfer(let error): error.isPassing || error == .stopped
        case .denied: true
        default: false
        }
    }
}

/// A link that several threads write to.
private final class LinkLock: @unchecked Sendable {
    /// For the one thread that reads.
    let link: Link
    private let lock = Mutex(())

    init(_ link: Link) { self.link = link }

    func send(_ members: [JSON.Member]) throws(Errno) {
        let result = lock.withLock { _ in
            Result { () throws(Errno) in try link.send(members) }
        }
        try result.get()
    }
}

/// Adds up how far several downloads are.
final class TotalProgress: Sendable {
    private let events: EventWriter
    private let state = Mutex(State())

    private struct State {
        var total: UInt64 = 0
        var done: [Int: UInt64] = [:]
        var told: UInt64 = 0
    }

    init(_ events: EventWriter) { self.events = events }

    func add(_ sizes: [UInt64]) {
        state.withLock { state in
            for size in sizes {
                state.total = state.total.addingReportingOverflow(size).partialValue
            }
        }
    }

    func advance(to length: UInt64, of index: Int) {
        let event: FetchEvent? = state.withLock { state in
            state.done[index] = max(length, state.done[index] ?? 0)
            let done = state.done.values.reduce(UInt64(0)) {
                $0.addingReportingOverflow($1).partialValue
            }
            guard done >= state.told + 1 << 20 || done == state.total else { return nil }
            state.told = done
            return .progress(done: done, total: state.total)
        }
        if let event { events.tell(event) }
    }
}
