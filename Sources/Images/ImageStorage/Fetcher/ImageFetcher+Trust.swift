internal import AppContainer
internal import Configuration
internal import References
internal import Trust

// The rules of this machine, for images that the store has already.

/// What was read of the rules.
final class ReadRules {
    var policy: TrustPolicy?
}

extension ImageFetcher {
    /// An image of the store, if the rules of this machine let it in.
    ///
    /// - Parameter asked: the name, without labels, that it was asked for by; nil if by what it is.
    package func admitted(
        _ image: StoredImage,
        as asked: String? = nil
    ) throws(FetchError) -> StoredImage {
        let trust = try trustPolicy(for: image.displayName)
        do throws(TrustError) {
            try trust.admit(image.admission, as: asked, by: keystore)
        } catch {
            let advice = if case .otherKey = error { " (fetch it again)" } else { "" }
            throw .refused(image: image.displayName, reason: error.description + advice)
        }
        if store.isAnyInDoubt(image.layers) { try mend(image) }
        return image
    }

    /// An image that another store has, if the rules of this machine let it in; nil if it is to be got again, for its signature.
    ///
    /// - Parameter text: what it was asked for by, as a user types it.
    package func admitted(
        _ image: StoredImage,
        askedFor text: String
    ) throws(FetchError) -> StoredImage? {
        let reference = try? ImageReference(text, pathKind: { _ in .missing })
        let asked = reference?.name(of: image)
        if let asked, try !suffices(image, as: asked, policy) { return nil }
        return try admitted(image, as: asked)
    }

    /// Whether an image of the store will do without asking where it comes from: because nobody else is to be asked, or
    /// because it has the signatures that the rules want now.
    func suffices(
        _ image: StoredImage,
        as asked: String? = nil,
        _ policy: PullPolicy
    ) throws(FetchError) -> Bool {
        guard policy != .never, let missing = try missingSignature(of: image, as: asked) else {
            return true
        }
        follow(.warning("\(image.displayName) is in the store, but \(missing): getting it again"))
        return false
    }

    /// What an image of the store lacks that the rules want now; nil if nothing.
    func missingSignature(
        of image: StoredImage,
        as asked: String? = nil
    ) throws(FetchError) -> TrustError? {
        let trust = try trustPolicy(for: image.displayName)
        do throws(TrustError) {
            return try trust.missingSignature(of: image.admission, as: asked, by: keystore)
        } catch { throw .refused(image: image.displayName, reason: error.description) }
    }

    /// The rules for images, as they were when they were needed first.
    func trustPolicy(for image: String) throws(FetchError) -> TrustPolicy {
        if let policy = rules.policy { return policy }
        do throws(ConfigurationError) {
            let policy = try TrustPolicy(
                directories: network.configuration,
                isWaived: allowsUnsigned
            )
            rules.policy = policy
            return policy
        } catch { throw .refused(image: image, reason: error.description) }
    }
}

extension ImageReference {
    /// The name, without labels, that an image was asked for by with it; nil if it says what the image is, or where.
    func name(of image: StoredImage) -> String? {
        switch self {
        case .appc(let name): name.names.first(where: image.isNamed)
        case .hosted(let name): name.names.first(where: image.isNamed)
        case .docker(let docker): docker.name.text
        case .hash, .url, .file, .ociLayout, .ociArchive, .dockerArchive: nil
        }
    }
}

extension LabelledName {
    /// The names, without labels, of what it may stand for.
    var names: [String] { candidates.map(\.name.text) }
}

extension HostedName {
    /// The names, without labels, of what it may stand for.
    var names: [String] { [registryImage?.name.text].compactMap(\.self) + name.names }
}

extension StoredImage {
    /// Whether it has a name, without labels.
    func isNamed(_ name: String) -> Bool { names.contains { $0.name.text == name } }
}
