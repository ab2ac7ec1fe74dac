package import Linux

/// What a work on the network has come to.
package enum NetworkOutcome: Sendable, Equatable {
    /// The other place has what it had before.
    case unchanged
    /// It is done: under this entity tag or digest, for so many seconds.
    case done(tag: String, maximumAge: Int64)
}

extension FetcherProcess {
    /// The variables of the environment that the network half sees.
    private static let variables = [
        "https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY",
        "REQUEST_METHOD", "SSL_CERT_FILE", "HOME", "PATH", "DOCKER_CONFIG",
    ]

    /// Gets an image of a registry: one half of the fetcher downloads, the other one unpacks what has come.
    ///
    /// - Returns: the image, and under which digest the registry has it; nil if it has what it had before.
    package func pull(
        _ network: NetworkRequest,
        _ request: FetchRequest,
        into data: borrowing Directory,
        follow: (FetchEvent) -> Void
    ) throws(FetchError) -> (id: ImageID, outcome: NetworkOutcome)? {
        let halves: (FetchEnd, FetchEnd)
        do throws(Errno) {
            let link = try SocketPair()
            let downloading = try start(network, into: data, unpacker: link.first.number)
            let unpacking = try start(request, from: link.second, into: data)
            // Each half must see the end of the other.
            _ = consume link
            halves = try Self.follow(downloading, unpacking, follow)
        } catch { throw .start(program: program, error) }
        let network = try? halves.0.outcome.get()
        if network == .unchanged { return nil }
        switch halves {
        case (let first, let second)
        where first.status == .exited(0) && second.status == .exited(0):
            if case .stored(let id) = second.last, let network { return (id, network) }
            throw .died(second.status)
        case (let first, let second):
            // The one that was first to fail has the reason; the other one only lost its partner.
            if case .failed(let reason) = first.last {
                throw .refused(image: request.path, reason: reason)
            }
            if case .failed(let reason) = second.last {
                throw .refused(image: request.path, reason: reason)
            }
            throw .died(first.status == .exited(0) ? second.status : first.status)
        }
    }

    /// Does a work on the network that nobody unpacks anything of.
    package func perform(
        _ network: NetworkRequest,
        on what: String,
        in data: borrowing Directory,
        follow: (FetchEvent) -> Void
    ) throws(FetchError) -> NetworkOutcome {
        let end: FetchEnd
        do throws(Errno) {
            let running = try start(network, into: data, unpacker: nil)
            var lines = EventLines()
            while lines.take(running.events, follow) {}
            end = FetchEnd(last: lines.last, status: try running.end())
        } catch { throw .start(program: program, error) }
        if case .failed(let reason) = end.last { throw .refused(image: what, reason: reason) }
        return try end.outcome.get()
    }

    private func start(
        _ network: NetworkRequest,
        into data: borrowing Directory,
        unpacker: Int32?
    ) throws(Errno) -> RunningFetch {
        try start(
            NetworkRequest.argument,
            network.bytes,
            variables: Self.variables,
            data,
            unpacker
        )
    }

    /// Follows both halves to their ends.
    ///
    /// Progress is told by the half that downloads; how it ended is each half's own word.
    private static func follow(
        _ first: consuming RunningFetch,
        _ second: consuming RunningFetch,
        _ follow: (FetchEvent) -> Void
    ) throws(Errno) -> (FetchEnd, FetchEnd) {
        var lines = (EventLines(), EventLines())
        var open = (true, true)
        while open.0 || open.1 {
            let ready = try waitUntilReadable(
                open.0 ? first.events.number : nil,
                open.1 ? second.events.number : nil
            )
            if ready.first { open.0 = lines.0.take(first.events, follow) }
            if ready.second {
                open.1 = lines.1.take(second.events) { event in
                    if case .progress = event { return }
                    follow(event)
                }
            }
        }
        let status = try first.end()
        let other = try second.end()
        return (
            FetchEnd(last: lines.0.last, status: status),
            FetchEnd(last: lines.1.last, status: other)
        )
    }
}

/// How one half ended.
struct FetchEnd {
    let last: FetchEvent?
    let status: ExitStatus

    var outcome: Result<NetworkOutcome, FetchError> {
        switch (last, status) {
        case (.unchanged, .exited(0)): .success(.unchanged)
        case (.remote(let tag, let age), .exited(0)): .success(.done(tag: tag, maximumAge: age))
        case (_, let status): .failure(.died(status))
        }
    }
}

extension RunningFetch {
    /// Waits for its end; its pipe is closed first, so that it can't wait for us.
    consuming func end() throws(Errno) -> ExitStatus {
        _ = consume events
        return try child.wait()
    }
}
