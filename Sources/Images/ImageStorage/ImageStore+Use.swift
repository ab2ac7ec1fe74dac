package import Linux

extension ImageStore {
    /// Remembers that the image is used now.
    ///
    /// A start writes nothing if the last mark is younger than a minute; what can't be marked is not an error,
    /// as the image runs all the same.
    package func recordUse(of id: ImageID) {
        let path = "\(Self.used)/\(id)"
        if let last = lastUse(of: id), Time.now().seconds - last.seconds < 60 { return }
        // Truncating sets the modification time, also of an empty file.
        _ = try? data.open(path, [.writeOnly, .create, .truncate, .noFollow])
    }

    /// When the image was last used or imported; nil for one that isn't here.
    package func lastUse(of id: ImageID) -> Time? {
        (try? data.status(of: "\(Self.used)/\(id)"))?.modified
    }
}
