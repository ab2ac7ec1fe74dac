package import OCI

extension DockerArchive {
    /// The image under `tag`, or the only one, and what it is called; nil if it has no name.
    ///
    /// A tag is a whole name such as `busybox:1.36`, with or without what Docker leaves out of it, or just what
    /// follows the colon.
    package func choice(
        tagged tag: String?
    ) throws(ReferenceError) -> (image: Image, name: LabelledName?) {
        let named = images.flatMap { image in image.repoTags.map { (image: image, tag: $0) } }
        guard let tag else {
            guard let only = images.first, images.count == 1 else {
                throw .archive(tag: nil, available: named.map(\.tag))
            }
            return (only, only.repoTags.first.flatMap(Self.name))
        }
        let wanted = Self.name(tag)
        let whole =
            named.first { $0.tag == tag }
            ?? named.first {
                wanted != nil && Self.name($0.tag) == wanted
            }
        if let whole { return (whole.image, Self.name(whole.tag)) }
        let tagged = named.filter { $0.tag.hasSuffix(":\(tag)") }
        guard let only = tagged.first, tagged.count == 1 else {
            throw .archive(tag: tag, available: named.map(\.tag))
        }
        return (only.image, Self.name(only.tag))
    }

    private static func name(_ repoTag: String) -> LabelledName? {
        (try? DockerReference(repoTag)).map(LabelledName.init)
    }
}
