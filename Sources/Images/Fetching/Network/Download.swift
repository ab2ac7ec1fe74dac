internal import Configuration
internal import Distribution
internal import ImageStorage
internal import JSON
internal import Linux
internal import OCI
internal import Transfers

/// Gets a file from a URL, and its signature, into the store's downloads; goes on where an earlier process has stopped.
struct Download: ~Copyable {
    private static let signatureLimit: UInt64 = 4 << 20
    private let file: NetworkRequest.RemoteFile
    private let client: HTTPClient
    private let downloads: DownloadDirectory
    private let events: EventWriter
    private let hosts: [String: HostCredentials]

    init(
        _ file: NetworkRequest.RemoteFile,
        _ client: HTTPClient,
        _ downloads: consuming DownloadDirectory,
        _ events: EventWriter,
        _ hosts: [String: HostCredentials] = [:]
    ) {
        self.hosts = hosts
        self.file = file
        self.client = client
        self.downloads = downloads
        self.events = events
    }

    private var stateName: String { "\(file.name).state" }
    private var signatureName: String { "\(file.name).asc" }

    /// Does the whole work; what is half there stays only if it is of use to the next time.
    func run() throws(TransferError) {
        do throws(TransferError) { try fetch() } catch {
            if !error.isPassing, error != .stopped {
                for name in [file.name, stateName, signatureName] { downloads.remove(name) }
            }
            throw error
        }
    }

    /// Gets the signature first, as it may be missing, and then there is no use in the file.
    private func fetch() throws(TransferError) {
        let url = try WebURL(file.url)
        let isDeferred = file.isSigned ? try !getSignature(of: url) : false
        guard let headers = try getFile(url) else { return events.tell(.unchanged) }
        if isDeferred, try !getSignature(of: url) {
            throw .content(
                url,
                reason:
                    "error downloading the signature file: server asked to defer the download again"
            )
        }
        // The next download of this name begins anew.
        downloads.remove(stateName)
        events.tell(.remote(tag: headers.entityTag ?? "", maximumAge: headers.maximumAge))
    }

    /// - Returns: the headers of the answer; nil if the server has what is known.
    private func getFile(_ url: WebURL) throws(TransferError) -> HTTPHeaders? {
        let name = file.name
        let target = try onFile { () throws(Errno) in try downloads.open(name) }
        let progress = TotalProgress(events)
        let sink = try FileSink(
            target,
            expecting: .init(limit: UInt64(clamping: file.limit)),
            validator: validator(of: url)
        ) { progress.advance(to: $0, of: 0) }
        let state = State(downloads, stateName, url)
        sink.began = { state.write($0) }
        sink.announced = { progress.add([$0]) }
        var request = HTTPRequest(.get, url, authorization: try hosts.authorization(for: url))
        if let known = file.known { request.headers.append("If-None-Match", known) }
        let response = try client.perform(request, into: sink)
        guard response.status != 304 else { return nil }
        _ = try sink.finish()
        return response.headers
    }

    /// - Returns: false if the server wants to be asked later.
    private func getSignature(of url: WebURL) throws(TransferError) -> Bool {
        let (path, query) = (url.path, url.query.map { "?\($0)" } ?? "")
        let place: WebURL
        if let signature = file.signature {
            place = try WebURL(signature)
        } else {
            place = try url.resolving("\(path).asc\(query)")
        }
        let target = try onFile { () throws(Errno) in try downloads.open(signatureName) }
        let sink = try FileSink(target, expecting: .init(limit: Self.signatureLimit))
        var request = HTTPRequest(.get, place, authorization: try hosts.authorization(for: place))
        request.expectedStatuses = [404, 410]
        let response = try client.perform(request, into: sink)
        switch response.status {
        case 202:
            events.tell(.warning("server requested deferring the signature download"))
            return false
        case 404, 410:
            throw .content(
                place,
                reason: "there is no signature (--insecure-options=image does without one)"
            )
        default: return true
        }
    }

    /// By what the beginning that an earlier process left can be recognised as one of this URL.
    private func validator(of url: WebURL) -> String? {
        guard let bytes = downloads.read(stateName), let state = try? JSON.parse(bytes),
            state["url"]?.string == url.text
        else { return nil }
        return state["validator"]?.string
    }

    private func onFile(
        _ body: () throws(Errno) -> Descriptor
    ) throws(TransferError) -> Descriptor {
        do throws(Errno) { return try body() } catch { throw .file("open a download", error) }
    }

    /// Writes down by what the file can be recognised.
    private final class State {
        private let directory: Descriptor?
        private let name: String
        private let url: WebURL

        init(_ downloads: borrowing DownloadDirectory, _ name: String, _ url: WebURL) {
            directory = downloads.duplicate()
            (self.name, self.url) = (name, url)
        }

        func write(_ validator: String?) {
            guard let copy = try? directory?.duplicate() else { return }
            let state = JSON.object([
                .init("url", .string(url.text)),
                .init("validator", validator.map { .string($0) } ?? .null),
            ])
            try? Directory(copy).replaceFile(name, state.encodedBytes())
        }
    }
}
