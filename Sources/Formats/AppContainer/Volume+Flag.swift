import JSON

extension Volume {
    /// Reads `NAME,kind=host,source=/abs[,readOnly=BOOL][,recursive=BOOL]` or
    /// `NAME,kind=empty[,mode=0755][,uid=0][,gid=0][,readOnly=BOOL]`, as `--volume` takes it.
    package init(flag text: String) throws(ManifestError) {
        var fields = try FlagFields("name=\(text)")
        self.init(name: try ACName(fields.require("name")), kind: try Kind(from: &fields))
        isReadOnly = try fields.takeBool("readOnly")
        try fields.finish()
    }
}

extension Volume.Kind {
    fileprivate init(from fields: inout FlagFields) throws(ManifestError) {
        switch try fields.require("kind") {
        case "host":
            let source = try fields.require("source")
            guard source.utf8.first == UInt8(ascii: "/") else {
                throw fields.invalid("source \(quoted(source)) is not an absolute path")
            }
            self = .host(source: source, isRecursive: try fields.takeBool("recursive"))
        case "empty":
            var mode = Volume.defaultMode
            if let text = fields.take("mode") {
                guard let parsed = Volume.mode(text) else {
                    throw fields.invalid("mode \(quoted(text)) is not octal permissions")
                }
                mode = parsed
            }
            self = .empty(
                mode: mode,
                uid: try fields.takeID("uid") ?? 0,
                gid: try fields.takeID("gid") ?? 0
            )
        case let kind:
            throw fields.invalid("kind \(quoted(kind)) is neither \"host\" nor \"empty\"")
        }
    }
}

extension Mount {
    /// Reads `volume=NAME,target=PATH`, as `--mount` takes it; `%2C` stands for a comma.
    package init(flag text: String) throws(ManifestError) {
        var fields = try FlagFields(text, decode: queryDecoded)
        self.init(
            volume: try ACName(fields.require("volume")),
            path: try fields.require("target")
        )
        try fields.finish()
    }
}
