internal import AppContainer
package import Linux
internal import OCI
internal import OpenPGP
internal import References
package import Trust

extension ImageFetcher {
    /// The image of a name whose host was typed with a port or as an address, by the pull policy.
    func resolve(_ hosted: HostedName) throws(FetchError) -> StoredImage {
        if policy != .update {
            let known = try found { () throws(StoreError) in
                try store.resolve(hosted, runsHere: true)
            }
            let asked = known.flatMap { hosted.names.first(where: $0.isNamed) }
            if let known, try suffices(known, as: asked, policy) { return known }
        }
        guard policy != .never else { throw .unavailable(hosted.description) }
        return try discover(hosted.name, at: hosted, hosted.registryImage)
    }

    /// The image of a name, from where the name's host says, else from that host as a registry.
    ///
    /// - Parameter size: how long the archive must be, if that is known.
    func discover(_ name: LabelledName, size: UInt64? = nil) throws(FetchError) -> StoredImage {
        guard name.hasHost else { throw .unavailable(name.description) }
        return try discover(name, at: nil, try? DockerReference(name.displayName), size: size)
    }

    /// - Parameters:
    ///   - hosted: the name as it was typed, if it says at which port its host is asked.
    ///   - reference: the name as an image of that host as a registry.
    private func discover(
        _ name: LabelledName,
        at hosted: HostedName?,
        _ reference: DockerReference?,
        size: UInt64? = nil
    ) throws(FetchError) -> StoredImage {
        let typed = hosted?.description ?? name.description
        let found = try ask(DiscoveryQuestion(name: typed, wants: .image))
        guard let place = found.first else {
            return try named(name, at: hosted, registryImage(reference, of: name, typed))
        }
        if place.url.hasPrefix("docker://") {
            let reference: DockerReference
            do throws(ReferenceError) {
                reference = try DockerReference(String(place.url.dropFirst("docker://".count)))
            } catch { throw .refused(image: name.description, reason: error.description) }
            return try named(name, at: hosted, resolve(reference, for: name.platform))
        }
        let trust = try trustPolicy(for: name.description)
        if trust.exemption(for: name.name.text) == nil {
            try findKeys(for: name, as: hosted?.typedName ?? name.name.text)
        }
        let image = try resolve(
            url: place.url,
            signature: nil,
            as: name,
            signedAt: place.signature,
            size: size
        )
        // One that was fetched before isn't imported again.
        guard image.names.contains(where: name.matches) else {
            throw .refused(
                image: name.description,
                reason: "at \"\(place.url)\" is the image \"\(image.displayName)\""
            )
        }
        return image
    }

    /// Gives an image of a registry the name that it was found by, and the version that it has there.
    ///
    /// The rules for that name hold for it, too: whoever answers for where the name leads answers for the name, and the key that
    /// has signed the image must be one for it.
    private func named(
        _ name: LabelledName,
        at hosted: HostedName?,
        _ image: StoredImage
    ) throws(FetchError) -> StoredImage {
        // With a port it is called as an image of that registry would be.
        let base = hosted?.registryImage?.name ?? name.name
        let own = image.names.first?.labels ?? []
        let typed = LabelledName(
            base,
            labels: (LabelledName(base, version: name.version).labels + own)
                .filter { ["version", "os", "arch"].contains($0.name.text) }
        )
        let admission = image.admission(called: base.text)
        guard !image.names.contains(typed) || !image.signatures.contains(all: admission.signatures)
        else { return image }
        let trust = try trustPolicy(for: typed.description)
        do throws(TrustError) {
            try trust.admit(admission, as: base.text, by: keystore)
        } catch { throw .refused(image: typed.description, reason: error.description) }
        return try storing { () throws(StoreError) in
            try store.tag(image.id, as: typed)
            return try store.image(image.id) ?? image
        }
    }

    /// Where the image of a name lies and its signature, as its host says; nil if it says nothing.
    ///
    /// - Parameter name: the name with its labels; its host may have a port.
    package func place(
        of name: String
    ) throws(FetchError) -> (url: String, signature: String?)? {
        try ask(DiscoveryQuestion(name: name, wants: .image)).first
    }

    /// Where the keys for a name lie, as its host says; the name may have a port.
    package func keyPlaces(of name: String) throws(FetchError) -> [String] {
        try ask(DiscoveryQuestion(name: name, wants: .keys)).map(\.url)
    }

    /// The keys that the host of a name publishes; the name may have a port.
    package func keys(of name: String) throws(FetchError) -> [KeyFile] {
        var files: [KeyFile] = []
        for found in try ask(DiscoveryQuestion(name: name, wants: .keys)) {
            files.append(try key(at: found.url))
        }
        return files
    }

    /// The key at a URL.
    package func key(at url: String) throws(FetchError) -> KeyFile {
        let bytes = try keyFile(url)
        do throws(TrustError) {
            return try KeyFile(location: url, bytes)
        } catch { throw .refused(image: url, reason: error.description) }
    }

    /// Asks for keys if there is none yet that may vouch for the name.
    private func findKeys(for name: LabelledName, as typed: String) throws(FetchError) {
        let hasKey: Bool
        do throws(TrustError) {
            hasKey = try keystore.hasKey(for: name.name)
        } catch { throw .refused(image: name.description, reason: error.description) }
        guard !hasKey else { return }
        for file in try keys(of: typed) { try reviewKey(name.name, file) }
    }

    private func registryImage(
        _ reference: DockerReference?,
        of name: LabelledName,
        _ typed: String
    ) throws(FetchError) -> StoredImage {
        guard let reference else { throw .undiscovered(typed, registry: nil) }
        let trust = try trustPolicy(for: typed)
        let place = reference.name.text
        guard trust.exemption(for: place) != nil || trust.signers(of: place) != nil else {
            throw .undiscovered(typed, registry: nil)
        }
        do throws(FetchError) {
            return try resolve(reference, for: name.platform)
        } catch {
            guard case .refused(_, let reason) = error else { throw error }
            throw .undiscovered(typed, registry: reason)
        }
    }

    private func ask(
        _ question: DiscoveryQuestion
    ) throws(FetchError) -> [(url: String, signature: String?)] {
        var found: [(url: String, signature: String?)] = []
        _ = try process.perform(
            NetworkRequest(.discover(question), question.wants == .keys ? keyNetwork : network),
            on: question.name,
            in: store.data
        ) { [follow] event in
            if case .found(let url, let signature) = event {
                if found.count < 16 { found.append((url, signature)) }
            } else {
                follow(event)
            }
        }
        return found
    }

    /// What holds on the network where keys are looked for.
    private var keyNetwork: NetworkOptions {
        var options = network
        options.allowsPlainHTTP = network.allowsPlainHTTP || network.allowsPlainKeys
        return options
    }

    /// A file of keys at a URL.
    private func keyFile(_ url: String) throws(FetchError) -> [UInt8] {
        let limit = PublicKeys.sizeLimit
        let file = try download(url, limit: Int64(limit), keyNetwork)
        do throws(Errno) {
            return try file.readToEnd(limit: limit)
        } catch { throw .open(path: url, error) }
    }

    /// A file at a URL that is no image; it has no name any more when it is here.
    package func download(_ url: String, limit: Int64) throws(FetchError) -> Descriptor {
        try download(url, limit: limit, network)
    }

    private func download(
        _ url: String,
        limit: Int64,
        _ options: NetworkOptions
    ) throws(FetchError) -> Descriptor {
        let name = ImageStore.downloadName(ofURL: url)
        let lock = try storing { [follow] () throws(StoreError) in
            try store.lockDownload(name) { follow(.waiting) }
        }
        defer { store.unlock(lock) }
        let request = NetworkRequest.RemoteFile(
            url: url,
            name: name,
            limit: limit,
            isSigned: false
        )
        // Nothing of it stays for another time.
        defer { store.removeDownload(name) }
        _ = try process.perform(
            NetworkRequest(.download(request), options),
            on: url,
            in: store.data,
            follow: follow
        )
        return try storing { () throws(StoreError) in try store.openDownload(name) }
    }
}

extension LabelledName {
    /// Another platform than this machine's, if the labels ask for one.
    fileprivate var platform: Platform? {
        guard labels["os"] != nil || labels["arch"] != nil else { return nil }
        return Platform(operatingSystem: labels["os"], appcArchitecture: labels["arch"])
    }

    /// Whether the name begins with what can be a host.
    fileprivate var hasHost: Bool {
        guard let host = name.text.split(separator: "/").first else { return false }
        return host == "localhost" || host.contains(".")
    }
}
