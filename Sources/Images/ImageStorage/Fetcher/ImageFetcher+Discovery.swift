package import AppContainer
internal import Linux
internal import OpenPGP
package import References
package import Trust

extension ImageFetcher {
    /// The image of a name, from where the name's host says, else from that host as a registry.
    ///
    /// - Parameter size: how long the archive must be, if that is known.
    func discover(_ name: LabelledName, size: UInt64? = nil) throws(FetchError) -> StoredImage {
        guard name.hasHost else { throw .unavailable(name.description) }
        guard let place = try place(of: name) else { return try registryImage(of: name) }
        if place.url.hasPrefix("docker://") {
            let reference: DockerReference
            do throws(ReferenceError) {
                reference = try DockerReference(String(place.url.dropFirst("docker://".count)))
            } catch { throw .refused(image: name.description, reason: error.description) }
            return try resolve(reference)
        }
        if !allowsUnsigned { try findKeys(for: name) }
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

    /// Where the image of a name lies and its signature, as its host says; nil if it says nothing.
    package func place(
        of name: LabelledName
    ) throws(FetchError) -> (url: String, signature: String?)? {
        try ask(DiscoveryQuestion(name: name.description, wants: .image)).first
    }

    /// Where the keys for a name lie, as its host says.
    package func keyPlaces(of name: ACIdentifier) throws(FetchError) -> [String] {
        try ask(DiscoveryQuestion(name: name.text, wants: .keys)).map(\.url)
    }

    /// The keys that the host of a name publishes.
    package func keys(of name: ACIdentifier) throws(FetchError) -> [KeyFile] {
        var files: [KeyFile] = []
        for place in try keyPlaces(of: name) { files.append(try key(at: place)) }
        return files
    }

    /// The key at a URL.
    package func key(at url: String) throws(FetchError) -> KeyFile {
        let bytes = try document(url, limit: PublicKeys.sizeLimit)
        do throws(TrustError) {
            return try KeyFile(location: url, bytes)
        } catch { throw .refused(image: url, reason: error.description) }
    }

    /// Asks for keys if there is none yet that may vouch for the name.
    private func findKeys(for name: LabelledName) throws(FetchError) {
        let hasKey: Bool
        do throws(TrustError) {
            hasKey = try keystore.hasKey(for: name.name)
        } catch { throw .refused(image: name.description, reason: error.description) }
        guard !hasKey else { return }
        for file in try keys(of: name.name) { try reviewKey(name.name, file) }
    }

    private func registryImage(of name: LabelledName) throws(FetchError) -> StoredImage {
        guard allowsUnsigned, let reference = try? DockerReference(name.displayName) else {
            throw .undiscovered(name.displayName, registry: nil)
        }
        do throws(FetchError) {
            return try resolve(reference)
        } catch {
            guard case .refused(_, let reason) = error else { throw error }
            throw .undiscovered(name.displayName, registry: reason)
        }
    }

    private func ask(
        _ question: DiscoveryQuestion
    ) throws(FetchError) -> [(url: String, signature: String?)] {
        var found: [(url: String, signature: String?)] = []
        _ = try process.perform(
            NetworkRequest(.discover(question), network),
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

    /// A small file at a URL.
    private func document(_ url: String, limit: Int) throws(FetchError) -> [UInt8] {
        let name = ImageStore.downloadName(ofURL: url)
        let lock = try storing { [follow] () throws(StoreError) in
            try store.lockDownload(name) { follow(.waiting) }
        }
        defer { store.unlock(lock) }
        let request = NetworkRequest.RemoteFile(
            url: url,
            name: name,
            limit: Int64(limit),
            isSigned: false
        )
        _ = try process.perform(
            NetworkRequest(.download(request), network),
            on: url,
            in: store.data,
            follow: follow
        )
        defer { store.removeDownload(name) }
        let file = try storing { () throws(StoreError) in try store.openDownload(name) }
        do throws(Errno) {
            return try file.readToEnd(limit: limit)
        } catch { throw .open(path: url, error) }
    }
}

extension LabelledName {
    /// Whether the name begins with what can be a host.
    fileprivate var hasHost: Bool {
        guard let host = name.text.split(separator: "/").first else { return false }
        return host == "localhost" || host.contains(".")
    }
}
