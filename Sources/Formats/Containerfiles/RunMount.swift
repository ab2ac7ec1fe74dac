/// What a program of a step sees at a place, and the image doesn't get; variables in it are not replaced yet.
package struct RunMount: Sendable, Equatable {
    /// Why the text of a mount means nothing.
    struct Mistake: Error {
        let reason: String
    }

    /// Who else may have a cache at the same time.
    package enum Sharing: String, Sendable {
        /// Everybody.
        case shared
        /// Nobody: others get a cache of their own.
        case `private`
        /// Nobody: others wait.
        case locked
    }

    /// What is there.
    package enum Kind: Sendable, Equatable {
        /// Files of the context, or of a stage or image; what is written is lost.
        case bind(from: String?, source: String)
        /// A directory that later builds see too.
        case cache(Sharing)
        /// An empty directory.
        case temporary
        /// A secret of the builder's, in a file, a variable, or both.
        case secret(isRequired: Bool, variable: String?)
    }

    /// What is there.
    package let kind: Kind
    /// The place in the image; nil for a secret that is only a variable.
    package var target: String?
    /// What a cache or secret is known by.
    package var id: String
    /// Whether it can only be read.
    package let isReadOnly: Bool
    /// The permissions of a cache or secret.
    package let mode: UInt32
    /// The owner of a cache or secret.
    package let uid: UInt32
    /// The group of a cache or secret.
    package let gid: UInt32

    private static let keys: [String: Set<String>] = [
        "bind": ["target", "source", "from", "ro", "rw"],
        "cache": ["target", "id", "ro", "rw", "sharing", "mode", "uid", "gid"],
        "tmpfs": ["target"],
        "secret": ["target", "id", "required", "mode", "uid", "gid", "env"],
    ]
    private static let synonyms = [
        "dst": "target", "destination": "target", "src": "source", "readonly": "ro",
        "readwrite": "rw",
    ]

    /// Reads what follows `--mount=`.
    init(_ text: String) throws(Mistake) {
        var values = try Self.values(text)
        let type = values.removeValue(forKey: "type") ?? "bind"
        guard let known = Self.keys[type] else {
            throw Mistake(reason: "mounts of the type \"\(type)\" are not supported")
        }
        if let key = values.keys.sorted().first(where: { !known.contains($0) }) {
            throw Mistake(reason: "\"\(key)\" is not supported with \(type)")
        }
        guard values["ro"] == nil || values["rw"] == nil else {
            throw Mistake(reason: "it is read-only or not, but not both")
        }
        mode =
            try Self.number(values["mode"], radix: 8, to: 0o7777)
            ?? (type == "secret" ? 0o400 : 0o755)
        uid = try Self.number(values["uid"]) ?? 0
        gid = try Self.number(values["gid"]) ?? 0
        let target = values["target"]
        id = values["id"] ?? target ?? ""
        switch type {
        case "secret":
            if values["id"] == nil {
                id = target?.split(separator: "/").last.map(String.init) ?? ""
            }
            guard !id.isEmpty else { throw Mistake(reason: "the id is missing") }
            let variable = values["env"]
            self.target = target ?? (variable == nil ? "/run/secrets/\(id)" : nil)
            isReadOnly = true
            kind = .secret(isRequired: try Self.flag(values["required"]), variable: variable)
            return
        case "cache":
            guard let sharing = Sharing(rawValue: values["sharing"] ?? "shared") else {
                throw Mistake(reason: "sharing is shared, private or locked")
            }
            kind = .cache(sharing)
            isReadOnly = try Self.flag(values["ro"])
        case "tmpfs":
            kind = .temporary
            isReadOnly = false
        default:
            kind = .bind(from: values["from"], source: values["source"] ?? "/")
            isReadOnly = try !Self.flag(values["rw"])
        }
        guard let target, !target.isEmpty else { throw Mistake(reason: "the target is missing") }
        self.target = target
    }

    private static func values(_ text: String) throws(Mistake) -> [String: String] {
        var values: [String: String] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = pair[0].lowercased()
            let name = synonyms[key] ?? key
            guard values.updateValue(pair.count > 1 ? String(pair[1]) : "true", forKey: name) == nil
            else { throw Mistake(reason: "\"\(key)\" stands twice") }
        }
        return values
    }

    private static func flag(_ text: String?) throws(Mistake) -> Bool {
        switch text {
        case nil, "false", "0": return false
        case "true", "1": return true
        case let text?: throw Mistake(reason: "\"\(text)\" is neither true nor false")
        }
    }

    private static func number(
        _ text: String?,
        radix: Int = 10,
        to limit: UInt32 = .max - 1
    ) throws(Mistake) -> UInt32? {
        guard let text else { return nil }
        guard let number = UInt32(text, radix: radix), number <= limit else {
            throw Mistake(reason: "\"\(text)\" is not a number up to \(limit)")
        }
        return number
    }
}

extension Instruction.Copy {
    /// Whether a source is a file of the web.
    package static func isURL(_ source: String) -> Bool {
        source.hasPrefix("http://") || source.hasPrefix("https://")
    }
}
