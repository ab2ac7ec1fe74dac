/// What a file name says about lower layers (OCI image-spec, `layer.md`, "Whiteouts").
enum WhiteoutName: Equatable {
    /// Nothing: an ordinary name.
    case ordinary
    /// `.wh.NAME`: what lower layers have under NAME isn't there any more.
    case removes(ArraySlice<UInt8>)
    /// `.wh..wh..opq`: nothing that lower layers have in this directory is there any more.
    case opaque
    /// It looks like a whiteout, but means nothing or something outside the directory.
    case invalid

    init(_ name: ArraySlice<UInt8>) {
        guard name.starts(with: Self.prefix) else {
            self = .ordinary
            return
        }
        let rest = name.dropFirst(Self.prefix.count)
        if name.elementsEqual(Self.opaqueName) {
            self = .opaque
        } else if rest.isEmpty || rest.starts(with: Self.prefix) || rest.elementsEqual([0x2E])
            || rest.elementsEqual([0x2E, 0x2E])
        {
            self = .invalid
        } else {
            self = .removes(rest)
        }
    }

    private static let prefix = Array(".wh.".utf8)
    private static let opaqueName = Array(".wh..wh..opq".utf8)
}
