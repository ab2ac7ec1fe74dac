package import JSON

extension App: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        exec = try cursor.optional("exec")?.strings() ?? []
        eventHandlers = try cursor.list("eventHandlers", unique: \.event.rawValue)
        user = try cursor.required("user").parsed(UserSpec.init(_:))
        group = try cursor.required("group").parsed(GroupSpec.init(_:))
        supplementaryGIDs = try cursor.elements("supplementaryGIDs").map { id throws(JSONError) in
            try id.userOrGroupID()
        }
        workingDirectory = try cursor.optional("workingDirectory")?.workingDirectory()
        environment = try cursor.list("environment", unique: \.name)
        mountPoints = try cursor.list("mountPoints")
        ports = try cursor.list("ports")
        isolators = try cursor.appIsolators()
        userAnnotations = try cursor.dictionary("userAnnotations")
        userLabels = try cursor.dictionary("userLabels")
    }

    package var json: JSON {
        var members: [JSON.Member] = []
        members.append("exec", exec.isEmpty ? .null : JSON(strings: exec))
        members.append("eventHandlers", unlessEmpty: eventHandlers)
        members.append("user", .string(user.description))
        members.append("group", .string(group.description))
        if !supplementaryGIDs.isEmpty {
            members.append(
                "supplementaryGIDs",
                .array(supplementaryGIDs.map { .integer(Int64($0)) })
            )
        }
        if let workingDirectory { members.append("workingDirectory", .string(workingDirectory)) }
        members.append("environment", unlessEmpty: environment)
        members.append("mountPoints", unlessEmpty: mountPoints)
        members.append("ports", unlessEmpty: ports)
        members.append("isolators", unlessEmpty: isolators)
        members.append("userAnnotations", unlessEmpty: userAnnotations)
        members.append("userLabels", unlessEmpty: userLabels)
        return .object(members)
    }
}

extension JSONCursor {
    /// This integer as an id: at most 4294967294, since the next one means "no change" to the kernel.
    func userOrGroupID() throws(JSONError) -> UInt32 {
        UInt32(try integer(in: 0...Int64(UInt32.max) - 1))
    }

    fileprivate func workingDirectory() throws(JSONError) -> String? {
        let path = try string()
        guard !path.isEmpty else { return nil }
        guard path.utf8.first == UInt8(ascii: "/") else { throw invalid("not an absolute path") }
        return path
    }
}

extension EventHandler: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        let name = try cursor.required("name")
        guard let event = Event(rawValue: try name.string()) else {
            throw name.invalid("neither \"pre-start\" nor \"post-stop\"")
        }
        self.event = event
        exec = try cursor.optional("exec")?.strings() ?? []
    }

    package var json: JSON {
        ["name": .string(event.rawValue), "exec": exec.isEmpty ? .null : JSON(strings: exec)]
    }
}

extension EnvironmentVariable: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        let name = try cursor.required("name")
        guard
            let variable = Self(
                name: try name.string(),
                value: try cursor.optional("value")?.string() ?? ""
            )
        else { throw name.invalid("not a variable name") }
        self = variable
    }

    package var json: JSON {
        ["name": .string(name), "value": .string(value)]
    }
}

extension MountPoint: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        name = try cursor.required("name").parsed(ACName.init(_:))
        let path = try cursor.required("path")
        self.path = try path.string()
        guard !self.path.isEmpty else { throw path.invalid("empty") }
        isReadOnly = try cursor.optional("readOnly")?.bool() ?? false
    }

    package var json: JSON {
        var members: [JSON.Member] = []
        members.append("name", .string(name.text))
        members.append("path", .string(path))
        if isReadOnly { members.append("readOnly", true) }
        return .object(members)
    }
}

extension Port: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        name = try cursor.required("name").parsed(ACName.init(_:))
        `protocol` = try cursor.optional("protocol")?.string() ?? ""
        number = UInt16(try cursor.required("port").integer(in: 1...65535))
        let count = try cursor.optional("count")?.integer(in: 0...65535) ?? 1
        self.count = UInt16(max(count, 1))
        guard Int(number) + Int(self.count) <= 65536 else {
            throw cursor.invalid("the last port is above 65535")
        }
        isSocketActivated = try cursor.optional("socketActivated")?.bool() ?? false
    }

    package var json: JSON {
        [
            "name": .string(name.text),
            "protocol": .string(`protocol`),
            "port": .integer(Int64(number)),
            "count": .integer(Int64(count)),
            "socketActivated": .bool(isSocketActivated),
        ]
    }
}
