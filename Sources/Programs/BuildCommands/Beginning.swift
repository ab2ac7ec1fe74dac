internal import AppContainer
internal import Commands
internal import ImageBuilding
internal import ImageStorage
internal import Linux
internal import References

/// How a build begins: with an image, with a directory's files, or with nothing.
struct Beginning {
    let context: Context
    let format: ImageFormat
    let isInsecure: Bool

    /// The first draft; its files are in the workshop.
    func draft(
        of start: String?,
        in workshop: borrowing Workshop,
        _ date: SourceDate
    ) throws -> ImageDraft {
        guard let start else { return ImageDraft(format, layer: try workshop.makeLayer(date)) }
        if start.hasPrefix(".") || start.hasPrefix("/") {
            if ImageFetcher.pathKind(start) == .directory, !isLayout(start) {
                return try draft(ofDirectory: start, in: workshop, date)
            }
            if isLayout(start) {
                return try draft(ofImage: "oci:" + start, isLocal: true, in: workshop, date)
            }
            return try draft(ofFile: start, in: workshop, date)
        }
        let isLocal = ["oci:", "oci-archive:", "docker-archive:"].contains(where: start.hasPrefix)
        return try draft(ofImage: start, isLocal: isLocal, in: workshop, date)
    }

    /// The image that a file holds; a tar that is no image is one of the image's files.
    private func draft(
        ofFile path: String,
        in workshop: borrowing Workshop,
        _ date: SourceDate
    ) throws -> ImageDraft {
        let (first, other) = format == .oci ? ("oci-archive:", "") : ("", "oci-archive:")
        do {
            return try draft(ofImage: first + path, isLocal: true, in: workshop, date)
        } catch {
            var warnings: [String] = []
            // What the file is can be seen only by unpacking it.
            guard ImageFetcher.pathKind(path) == .file, let file = try? Descriptor.open(path),
                let layer = try? workshop.unpack(file, date, warn: { warnings.append($0) })
            else { throw error }
            let root = try workshop.layer(layer)
            if root.contains("manifest.json") {
                return try draft(
                    ofImage: "docker-archive:" + path,
                    isLocal: true,
                    in: workshop,
                    date
                )
            }
            let isOther = root.contains(format == .oci ? "rootfs" : "oci-layout")
            if isOther {
                return try draft(ofImage: other + path, isLocal: true, in: workshop, date)
            }
            let isImage = ["manifest", "rootfs", "oci-layout"].contains { root.contains($0) }
            guard !isImage else { throw error }
            for warning in warnings { context.complain(warning) }
            return ImageDraft(format, layer: layer)
        }
    }

    private func isLayout(_ path: String) -> Bool {
        (try? Directory(path: path).contains("oci-layout")) == true
    }

    /// The files of a directory become the image's only layer.
    private func draft(
        ofDirectory path: String,
        in workshop: borrowing Workshop,
        _ date: SourceDate
    ) throws -> ImageDraft {
        let layer = try workshop.makeLayer(date)
        let source: Directory
        do throws(Errno) { source = try Directory(path: path) } catch {
            throw CommandError.failed("cannot open \"\(path)\": \(error)")
        }
        var staging = TreeStaging(
            into: try workshop.layer(layer),
            above: try workshop.root([layer]),
            date: date
        )
        try staging.copyTree(MergedDirectory(layer: source))
        for warning in staging.warnings { context.complain("warning: \(warning)") }
        return ImageDraft(format, layer: layer)
    }

    private func draft(
        ofImage text: String,
        isLocal: Bool,
        in workshop: borrowing Workshop,
        _ date: SourceDate
    ) throws -> ImageDraft {
        let image = try stored(text, isLocal: isLocal, in: workshop, date)
        var draft = try ImageDraft(image, as: format)
        draft.layers.append(try workshop.makeLayer(date))
        return draft
    }

    /// The image with its layers in the workshop: out of rkt's store if it is there, else fetched.
    func stored(
        _ text: String,
        isLocal: Bool,
        in workshop: borrowing Workshop,
        _ date: SourceDate
    ) throws -> StoredImage {
        let progress = FetchProgress(context)
        defer { progress.end() }
        let fetcher = try fetcher(for: workshop, allowsUnsigned: isLocal, progress)
        if !isLocal, let known = try? known(text),
            let image = try fetcher.admitted(known, askedFor: text)
        {
            try borrow(image, into: workshop, date)
            return image
        }
        let image = try fetcher.resolve(text)
        try workshop.keepLayers(of: image, from: workshop.directory)
        return image
    }

    /// An image that another one depends on, with its layers in the workshop: found as any other image.
    func image(
        of dependency: Dependency,
        in workshop: borrowing Workshop,
        _ date: SourceDate
    ) throws(FetchError) -> StoredImage {
        let name = LabelledName(dependency.imageName, labels: dependency.labels)
        do {
            let progress = FetchProgress(context)
            defer { progress.end() }
            let fetcher = try fetcher(for: workshop, progress)
            let text = dependency.imageID?.description ?? name.description
            if let known = try? known(text),
                let image = try fetcher.admitted(known, askedFor: text)
            {
                try borrow(image, into: workshop, date)
                return image
            }
            return try fetcher.image(of: dependency)
        } catch let error as FetchError {
            throw error
        } catch {
            throw .refused(image: name.description, reason: "\(error)")
        }
    }

    /// A file of the web; plain HTTP will do if what comes is checked.
    func download(
        _ url: String,
        isChecked: Bool,
        in workshop: borrowing Workshop
    ) throws -> Descriptor {
        let progress = FetchProgress(context)
        defer { progress.end() }
        return try fetcher(for: workshop, allowsPlainHTTP: isChecked, progress)
            .download(url, limit: Self.longestDownload)
    }

    private static let longestDownload: Int64 = 64 << 30

    /// A fetcher into the workshop, by the rules of rkt's options and this command's `--insecure`.
    private func fetcher(
        for workshop: borrowing Workshop,
        allowsUnsigned: Bool = false,
        allowsPlainHTTP: Bool = false,
        _ progress: FetchProgress
    ) throws -> ImageFetcher {
        var network = context.network
        // acbuild's flag has always been about unencrypted connections.
        if isInsecure || allowsPlainHTTP { network.allowsPlainHTTP = true }
        return ImageFetcher(
            store: ImageStore(data: try workshop.directory.duplicate()),
            policy: .new,
            allowsUnsigned: allowsUnsigned || isInsecure
                || context.options.insecure.contains(.image),
            keystore: context.keystore,
            network: network,
            follow: progress.show
        )
    }

    /// What rkt's store has of that name or ID.
    private func known(_ text: String) throws -> StoredImage {
        let store = ImageStore(data: try Directory(path: context.dataDirectory))
        switch try ImageReference(text, pathKind: { _ in .missing }) {
        case .hash(let hash): return try store.resolve(hash)
        case .appc(let name): return try store.resolve(name)
        case .hosted(let name): return try store.resolve(name)
        case .docker(let reference): return try store.resolve(LabelledName(reference))
        default: throw CommandError.failed("\"\(text)\" is not in the store")
        }
    }

    /// Copies layers out of rkt's store: whoever removes the image there takes nothing from the build.
    private func borrow(
        _ image: StoredImage,
        into workshop: borrowing Workshop,
        _ date: SourceDate
    ) throws {
        let data = try Directory(path: context.dataDirectory)
        for layer in image.layers {
            try workshop.take(layer, from: data.directory(StoredImage.directory(of: layer)), date)
        }
        try workshop.keepLayers(of: image, from: data)
    }
}
