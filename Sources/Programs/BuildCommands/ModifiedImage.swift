internal import Commands
internal import ImageBuilding
internal import Linux

/// An image file that a single command changes, without a build (`--modify`).
struct ModifiedImage {
    private let path: String
    private let format: ImageFormat
    private let context: Context

    /// An image; which format it has is said, or told by its first bytes.
    init(path: String, format: ImageFormat?, _ context: Context) throws {
        self.path = path
        self.context = context
        self.format = try format ?? Self.format(of: path)
    }

    /// Replaces the image by the changed one, or writes that to another file; if anything fails, both stay as they are.
    func change(
        into output: ImageOutput? = nil,
        _ body: (inout BuildContext) throws -> Void
    ) throws {
        try withBuild { (workPath) in
            var build = try BuildContext(workPath: workPath)
            try body(&build)
            let output =
                output
                ?? ImageOutput(
                    target: path,
                    overwrites: true,
                    compression: .gzip,
                    context: context
                )
            _ = try output.write(build.draft, from: build.workshop, date: build.date)
        }
    }

    /// Reads something of the image.
    func read<Result>(_ body: (borrowing BuildContext) throws -> Result) throws -> Result {
        try withBuild { (workPath) in try body(try BuildContext(workPath: workPath)) }
    }

    /// Runs a body with a build of the image that ends with it, in a directory of its own beside the image.
    private func withBuild<Result>(_ body: (String) throws -> Result) throws -> Result {
        let (_, parent) = try HostSource.split(path)
        let directory = try Directory(path: parent)
        let name = ".acbuild-\(randomHex(bytes: 6))"
        try directory.makeDirectory(name)
        defer { try? directory.removeTree(name) }
        let workPath = "\(parent)/\(name)"
        let beginning = Beginning(context: context, format: format, isInsecure: true)
        let start = path.hasPrefix("/") || path.hasPrefix(".") ? path : "./\(path)"
        try BuildContext.begin(workPath: workPath) { (workshop, date) in
            try beginning.draft(of: start, in: workshop, date)
        }
        return try body(workPath)
    }

    /// An archive of a layout names that in its first member, an ACI doesn't.
    private static func format(of path: String) throws -> ImageFormat {
        do throws(Errno) {
            let start = try Descriptor.open(path, .nonBlocking).read(at: 0, count: 512)
            let isPlain = start.count == 512 && Array(start[257..<262]) == Array("ustar".utf8)
            let name = String(decoding: start.prefix(100).prefix { $0 != 0 }, as: UTF8.self)
            let isLayout = ["oci-layout", "index.json", "blobs"].contains {
                name == $0 || name.hasPrefix($0 + "/")
            }
            return isPlain && isLayout ? .oci : .appc
        } catch {
            throw CommandError.failed("cannot read \"\(path)\": \(error)")
        }
    }
}
