internal import Configuration
internal import Distribution
internal import ImageStorage
internal import Linux
internal import OCI
internal import Transfers

/// The half of `rkt-fetcher` that talks to the network: reads the configuration, enters its cage, does one work.
enum NetworkProgram {
    private static let failure: Int32 = 254

    /// Whether this process was started for it.
    static func isMeant(by arguments: [String]) -> Bool {
        arguments.dropFirst() == [NetworkRequest.argument]
    }

    /// Runs; descriptors stand as ``NetworkRequest/Inherited`` says.
    static func run() -> Int32 {
        let data = Directory(Descriptor(owning: NetworkRequest.Inherited.data))
        let events = EventWriter(Descriptor(owning: NetworkRequest.Inherited.events))
        let text = Descriptor(owning: NetworkRequest.Inherited.request)
        CurrentProcess.ignoreBrokenPipes()
        CurrentProcess.closeDescriptors(from: UInt32(NetworkRequest.Inherited.unpacker) + 1)
        do {
            guard let bytes = try? text.readToEnd(limit: 1 << 20),
                let request = NetworkRequest(bytes)
            else {
                throw DistributionError.answer("started by rkt only")
            }
            try perform(request, data, events)
            return 0
        } catch {
            // Who was stopped by the other half leaves it to that to say why.
            if case DistributionError.transfer(.stopped) = error { return failure }
            events.tell(.failed("\(error)"))
            return failure
        }
    }

    private static func perform(
        _ request: NetworkRequest,
        _ data: borrowing Directory,
        _ events: EventWriter
    ) throws {
        let downloads = try DownloadDirectory(in: data)
        switch request.work {
        case .pull(let image, let known, let platform, let signatures):
            let registries = try Registries(request.options, for: image)
            let client = try confined(request.options, downloads, registries)
            let link = Link(Descriptor(owning: NetworkRequest.Inherited.unpacker))
            let sources = registries.sources(of: image, client)
            let (session, found) = try find(image.reference, in: sources, known, platform)
            try Pull(session, downloads, link, events).run(found, signatures: signatures)
        case .download(let file):
            let hosts = try Configuration(
                directories: request.options.configuration,
                kinds: [.auth]
            ).hosts
            let client = try confined(request.options, downloads, nil)
            try Download(file, client, downloads, events, hosts).run()
        case .discover(let question):
            let configuration = try Configuration(
                directories: request.options.configuration,
                kinds: [.auth, .origins]
            )
            let client = try confined(request.options, downloads, nil, attempts: 1)
            try HostQuestion(question, client, configuration, events).run()
        case .push(let image, let manifest, let sources):
            let registries = try Registries(request.options, for: image)
            let client = try confined(request.options, downloads, registries)
            let session = try registries.target(of: image, client, others: sources)
            try Push(session, downloads, events).run(manifest, as: image.reference)
        }
    }

    /// Asks one after the other; what the last one says of the image counts.
    private static func find(
        _ reference: String,
        in sources: [Registries.Source],
        _ known: Digest?,
        _ platform: Platform
    ) throws(DistributionError) -> (RegistrySession, RegistrySession.Resolution) {
        var failure = DistributionError.missing(reference)
        for (place, source) in sources.enumerated() {
            // A mirror that doesn't answer has somebody behind it.
            let isLast = place == sources.count - 1
            do throws(DistributionError) {
                let session = try source()
                let found = try session.resolve(
                    reference,
                    for: platform,
                    known: known,
                    attempts: isLast ? nil : 1
                )
                return (session, found)
            } catch { failure = error }
        }
        throw failure
    }

    /// Closes the cage; what comes back may talk to the network.
    private static func confined(
        _ options: NetworkOptions,
        _ downloads: borrowing DownloadDirectory,
        _ registries: Registries?,
        attempts: Int? = nil
    ) throws -> HTTPClient {
        let transfers = try Configuration(
            directories: options.configuration,
            kinds: [.transfers]
        ).transfers
        var policy = TransferPolicy()
        policy.take(transfers)
        if let attempts { policy.attempts = attempts }
        policy.allowsPlainHTTP = options.allowsPlainHTTP
        policy.verifiesCertificates = !options.skipsCertificates
        policy.userAgent = options.userAgent
        policy.plainHosts = registries?.plainHosts ?? []
        policy.proxies = Proxies { Environment[$0] }
        policy.authorityFile = Environment["SSL_CERT_FILE"]
        try downloads.confine(reading: [policy.authorityFile].compactMap(\.self))
        return HTTPClient(policy)
    }
}

extension TransferPolicy {
    /// How patient the configuration wants us to be.
    fileprivate mutating func take(_ transfers: Configuration.Transfers) {
        attempts = transfers.attempts.map { Int($0) } ?? attempts
        firstDelayMilliseconds = transfers.firstPauseMilliseconds ?? firstDelayMilliseconds
        idleSeconds = transfers.silenceSeconds ?? idleSeconds
    }
}
