/// The path of an entry in one spelling: components with single slashes between them, none at either end.
///
/// `.` components are dropped. A `..` is refused wherever it stands, because no tool that makes images writes it.
struct ArchivePath: Equatable {
    private(set) var bytes: [UInt8] = []
    private var nameStart = 0

    /// The root of the tree.
    init() {}

    /// Reads a path as an archive has it; a leading slash means nothing.
    ///
    /// The result is `nil` if it has a `..` in it.
    init?(_ raw: some Collection<UInt8>) {
        bytes.reserveCapacity(raw.count)
        for component in raw.lazy.split(separator: Self.slash) {
            guard !component.elementsEqual(Self.parentName) else { return nil }
            guard !component.elementsEqual(Self.ownName) else { continue }
            if !bytes.isEmpty { bytes.append(Self.slash) }
            nameStart = bytes.count
            bytes.append(contentsOf: component)
        }
    }

    /// True for the root itself.
    var isRoot: Bool { bytes.isEmpty }
    /// The last component, empty for the root.
    var name: ArraySlice<UInt8> { bytes[nameStart...] }
    /// The path of the directory it is in, empty at the top.
    var parent: ArraySlice<UInt8> { bytes[..<max(0, nameStart - 1)] }

    /// The path below a first component, `nil` if that is another one.
    func below(_ first: String) -> ArchivePath? {
        let prefix = Array(first.utf8)
        guard bytes.starts(with: prefix) else { return nil }
        guard bytes.count > prefix.count else { return ArchivePath() }
        guard bytes[prefix.count] == Self.slash else { return nil }
        return ArchivePath(bytes[(prefix.count + 1)...])
    }

    private static let slash = UInt8(ascii: "/")
    private static let ownName = Array(".".utf8)
    private static let parentName = Array("..".utf8)
}
