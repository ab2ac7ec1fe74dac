internal import Commands
internal import ImageBuilding

/// `acbuild begin`.
struct BeginVerb: BuildVerb {
    static let name = "begin"
    static let summary = "Begin a build, of nothing or of an image"
    static let usage = "[--build-mode=appc|oci] [--insecure] [START]"
    static let details = """
        START is a file that holds an image, or a directory, if it begins with "." or "/": an ACI, an archive or layout of
        OCI, or a directory whose files become the image's. It may also be oci:DIRECTORY[:TAG], oci-archive:FILE[:TAG],
        docker-archive:FILE[:TAG], or whatever rkt fetch takes.
        """
    static var ownFlags: [Flag<Self>] {
        [
            .string("build-mode", default: "appc", "the format of the image: appc or oci") {
                verb,
                text throws(CommandError) in
                guard let format = ImageFormat(rawValue: text) else {
                    throw .value("it is not appc or oci")
                }
                verb.format = format
            },
            .bool("insecure", "take images without checking their signatures") {
                $0.isInsecure = $1
            },
        ]
    }
    var common = BuildOptions()
    private var format = ImageFormat.appc
    private var isInsecure = false

    init() {}

    mutating func run(_ context: Context) throws {
        try refuseModify()
        guard context.arguments.count <= 1 else {
            throw CommandError.usage("begin takes one image or directory (see --help)")
        }
        let (start, format) = (context.arguments.first, format)
        let beginning = Beginning(context: context, format: format, isInsecure: isInsecure)
        try BuildContext.begin(workPath: common.workPath) { (workshop, date) in
            try beginning.draft(of: start, in: workshop, date)
        }
    }
}
