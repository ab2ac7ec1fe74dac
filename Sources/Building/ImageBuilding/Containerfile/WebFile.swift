package import Linux

/// A file of the web that `ADD` puts into an image.
struct WebFile {
    /// Where it is.
    let url: String
    /// The SHA-256 of its contents, in hexadecimal digits.
    let sum: String
    /// The file, if it is here already.
    let file: OpenFile?

    /// A file that values share.
    final class OpenFile {
        let descriptor: Descriptor
        init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
    }

    /// What it is called in a directory: the last component of its path.
    var name: String? {
        let path = url.split(separator: "/", omittingEmptySubsequences: false).dropFirst(3)
        let last = path.last?.prefix { $0 != "?" && $0 != "#" }
        guard let last, !last.isEmpty, last != ".", last != ".." else { return nil }
        return String(last)
    }
}

extension ContainerfileBuild {
    /// Brings a file of the web here, given the workshop, its URL, and whether its digest is known; the result has no
    /// name any more.
    package typealias Download = (borrowing Workshop, String, Bool) throws -> Descriptor

    /// The file of a URL: got now to know its contents, unless its digest is known.
    func webFile(_ url: String, checksum: String?) throws -> WebFile {
        if let checksum { return WebFile(url: url, sum: checksum, file: nil) }
        let file = try download(workshop, url, false)
        return WebFile(url: url, sum: try CopySource.sum(of: file), file: .init(file))
    }

    /// Puts the file into a layer.
    func add(
        _ web: WebFile,
        to target: String,
        isDirectory: Bool,
        unpacks: Bool,
        _ staging: inout TreeStaging
    ) throws {
        let file = try web.file ?? .init(download(workshop, web.url, true))
        guard try web.file != nil || CopySource.sum(of: file.descriptor) == web.sum else {
            throw BuildError.invalid("\"\(web.url)\" has not the digest sha256:\(web.sum)")
        }
        if unpacks, try Self.isArchive(file.descriptor) {
            return try unpack(file.descriptor, to: target, &staging)
        }
        guard let name = isDirectory ? web.name : "" else {
            throw BuildError.invalid("\"\(web.url)\" names no file, so the target must")
        }
        let path = isDirectory ? "\(target)/\(name)" : target
        // As Docker has it: nobody else reads what came from elsewhere, unless --chmod says so.
        try staging.write(file.descriptor, to: Array(path.utf8), mode: 0o600)
    }
}
