package import JSON

/// Files that apps of a pod get besides their own (appc specification, Pod Manifest Schema, `volumes`).
package struct Volume: Sendable, Hashable {
    /// Where the files are.
    package enum Kind: Sendable, Hashable {
        /// At an absolute path of the host. What is mounted below comes along unless told otherwise.
        case host(source: String, isRecursive: Bool?)
        /// In a new directory that goes with the pod.
        case empty(mode: UInt16, uid: UInt32, gid: UInt32)
    }

    /// What mounts and mount points know it by.
    package var name: ACName
    /// Where the files are.
    package var kind: Kind
    /// Whether apps can only read; nil leaves that to the mount points.
    package var isReadOnly: Bool?

    /// The permissions of an empty volume that names none.
    package static let defaultMode: UInt16 = 0o755

    /// Makes a volume.
    package init(name: ACName, kind: Kind, isReadOnly: Bool? = nil) {
        self.name = name
        self.kind = kind
        self.isReadOnly = isReadOnly
    }

    /// The permissions that an octal text means, at most 7777.
    static func mode(_ text: String) -> UInt16? {
        guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "7") ~= $0 }),
            let mode = UInt16(text, radix: 8), mode <= 0o7777
        else { return nil }
        return mode
    }
}

extension Volume: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        name = try cursor.required("name").parsed(ACName.init(_:))
        isReadOnly = try cursor.optional("readOnly")?.bool()
        let kind = try cursor.required("kind")
        switch try kind.string() {
        case "host":
            try cursor.refuse(["mode", "uid", "gid"], of: "host")
            self.kind = .host(
                source: try cursor.required("source").absolutePath(),
                isRecursive: try cursor.optional("recursive")?.bool()
            )
        case "empty":
            try cursor.refuse(["source", "recursive"], of: "empty")
            self.kind = .empty(
                mode: try cursor.optional("mode")?.mode() ?? Self.defaultMode,
                uid: try cursor.optional("uid")?.userOrGroupID() ?? 0,
                gid: try cursor.optional("gid")?.userOrGroupID() ?? 0
            )
        default:
            throw kind.invalid("neither \"host\" nor \"empty\"")
        }
    }

    package var json: JSON {
        var members = [JSON.Member("name", .string(name.text))]
        switch kind {
        case .host(let source, let isRecursive):
            members.append("kind", "host")
            members.append("source", .string(source))
            if let isReadOnly { members.append("readOnly", .bool(isReadOnly)) }
            if let isRecursive { members.append("recursive", .bool(isRecursive)) }
        case .empty(let mode, let uid, let gid):
            members.append("kind", "empty")
            if let isReadOnly { members.append("readOnly", .bool(isReadOnly)) }
            members.append("mode", .string("0\(String(mode, radix: 8))"))
            members.append("uid", .integer(Int64(uid)))
            members.append("gid", .integer(Int64(gid)))
        }
        return .object(members)
    }
}

extension JSONCursor {
    fileprivate func refuse(_ names: [String], of kind: String) throws(JSONError) {
        for name in names {
            if let member = try optional(name) {
                throw member.invalid("not for a volume of kind \(quoted(kind))")
            }
        }
    }

    fileprivate func absolutePath() throws(JSONError) -> String {
        let path = try string()
        guard path.utf8.first == UInt8(ascii: "/") else { throw invalid("not an absolute path") }
        return path
    }

    fileprivate func mode() throws(JSONError) -> UInt16 {
        guard let mode = Volume.mode(try string()) else { throw invalid("not octal permissions") }
        return mode
    }
}
