import JSON

// The spellings in which `actool patch-manifest` takes what it adds to a manifest.

extension MountPoint {
    /// Reads `NAME,path=/PATH[,readOnly=true]`.
    package init(flag text: String) throws(ManifestError) {
        var fields = try FlagFields("name=" + text)
        let name = try ACName(fields.require("name"))
        let path = try fields.require("path")
        guard path.utf8.first == UInt8(ascii: "/") else {
            throw fields.invalid("\(quoted(path)) is not an absolute path")
        }
        self.init(name: name, path: path, isReadOnly: try fields.takeBool("readOnly") ?? false)
        try fields.finish()
    }
}

extension Port {
    /// Reads `NAME,protocol=tcp,port=80[,count=1][,socketActivated=true]`.
    package init(flag text: String) throws(ManifestError) {
        var fields = try FlagFields("name=" + text)
        let name = try ACName(fields.require("name"))
        let kind = try fields.require("protocol")
        let number = UInt16(try fields.require("port")) ?? 0
        let count = UInt16(fields.take("count") ?? "1") ?? 0
        guard number > 0, count > 0, Int(number) + Int(count) <= 65536 else {
            throw fields.invalid("not a port (1 to 65535)")
        }
        self.init(name: name, protocol: kind, number: number)
        self.count = count
        isSocketActivated = try fields.takeBool("socketActivated") ?? false
        try fields.finish()
    }
}

extension Isolator {
    private static let switches = ["os/linux/no-new-privileges", "os/linux/oom-score-adj"]

    /// Reads `resource/NAME,request=50m,limit=100m`, `os/linux/no-new-privileges,true` or `os/linux/oom-score-adj,5`.
    package init(flag text: String) throws(ManifestError) {
        let parts = text.split(separator: ",", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw .flag(text, reason: "an isolator without a value") }
        let value: JSON
        if Self.switches.contains(parts[0]) {
            do throws(JSONError) { value = try JSON.parse(Array(parts[1].utf8)) } catch {
                throw .flag(text, reason: error.description)
            }
        } else {
            guard parts[0].hasPrefix("resource/") else {
                throw .flag(
                    text,
                    reason: "only resource/…, \(Self.switches.joined(separator: ", "))"
                )
            }
            var fields = try FlagFields(parts[1])
            var members: [JSON.Member] = []
            for name in ["default", "request", "limit"] {
                guard let field = fields.take(name) else { continue }
                let isSwitch = name == "default"
                members.append(.init(name, isSwitch ? .bool(field == "true") : .string(field)))
            }
            try fields.finish()
            value = .object(members)
        }
        try self.init(json: ["name": .string(parts[0]), "value": value])
    }
}
