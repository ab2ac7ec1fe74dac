import Foundation
import Linux
import References
import TestSupport
import Trust

@testable import ImageStorage

/// Imports into a store of the test's own by the real `rkt-fetcher`, cage and all.
struct Fetch {
    let scratch: Scratch
    let data: String

    init() throws {
        scratch = try Scratch()
        data = try scratch.makeDirectory("data")
    }

    /// The program built beside the tests, or the installed one.
    static let program: String = {
        let own = CurrentProcess.executablePath
        let built = (own as NSString).deletingLastPathComponent + "/rkt-fetcher"
        return File.exists(built) ? built : "\(Rkt.dist)/lib/rkt/rkt-fetcher"
    }()

    /// Keys of the test's own.
    var keystore: Keystore {
        Keystore(systemConfiguration: scratch("usr"), localConfiguration: scratch("etc"))
    }

    func store() throws -> ImageStore { ImageStore(data: try Directory(path: data)) }

    // `#expect` can't look into a value that can't be copied, so the store's answers are asked for here.

    func find(_ name: String) throws -> StoredImage { try store().resolve(LabelledName(name)) }
    func blob(_ digest: String) throws -> [UInt8] { try store().blob(digest) }
    func remove(_ image: StoredImage) throws { try store().remove(image.id) }

    /// Imports an image.
    @discardableResult
    func callAsFunction(
        _ reference: String,
        allowsUnsigned: Bool = true,
        follow: @escaping (FetchEvent) -> Void = { _ in }
    ) throws -> StoredImage {
        let fetcher = ImageFetcher(
            store: try store(),
            policy: .update,
            allowsUnsigned: allowsUnsigned,
            keystore: keystore,
            process: FetcherProcess(program: Self.program),
            follow: follow
        )
        return try fetcher.resolve(reference)
    }

    /// Why an import is refused; nil if it isn't.
    func refusal(_ reference: String) -> String? {
        do { try self(reference) } catch { return "\(error)" }
        return nil
    }

    /// What an import that failed must not leave behind.
    var leftovers: [String] {
        let layers = scratch.list("data/images/layers").filter { !$0.hasSuffix(".note") }
        let records = scratch.list("data/images/index").filter { $0.hasSuffix(".json") }
        return layers + records + scratch.list("data/tmp") + scratch.list("data/images/index/names")
    }

    /// A file of the image's root, found in its layers from the top.
    func file(_ path: String, of image: StoredImage) -> String? {
        image.layers.reversed().lazy
            .compactMap { File.read("\(data)/\(StoredImage.directory(of: $0))/\(path)") }.first
    }

    func request(_ kind: FetchRequest.Kind, _ path: String) -> FetchRequest {
        FetchRequest(kind: kind, path: path, allowsUnsigned: true, keystore: keystore)
    }

    /// Starts a fetcher on an archive, for whoever wants to stop it.
    func start(_ kind: FetchRequest.Kind, _ path: String) throws -> RunningFetch {
        try FetcherProcess(program: Self.program).start(
            request(kind, path),
            from: Descriptor.open(path),
            into: Directory(path: data)
        )
    }
}
