internal import Commands
internal import ImageBuilding
internal import Linux

/// `NAME[:TAG]` as `--tag` takes it.
struct ImageTag {
    private let name: String
    private let tag: String

    init(_ text: String) throws {
        let last = text.split(separator: "/").last ?? ""
        let colon = last.lastIndex(of: ":")
        tag = colon.map { String(last[last.index(after: $0)...]) } ?? "latest"
        let length = colon.map { last.distance(from: $0, to: last.endIndex) } ?? 0
        name = String(text.dropLast(length))
    }

    func apply(to draft: inout ImageDraft) throws {
        try draft.setName(name)
        try draft.setTag(tag)
    }
}

/// `id=ID,src=FILE` or `id=ID,env=VARIABLE` as `--secret` takes it.
enum SecretFlag {
    private static let sizeLimit = 500 << 10

    static func read(
        _ text: String
    ) throws(CommandError) -> (id: String, ContainerfileBuild.Secret) {
        var values: [String: String] = [:]
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2 else { throw .value("it is not id=ID,src=FILE") }
            values[pair[0] == "source" ? "src" : pair[0]] = pair[1]
        }
        let kind = values.removeValue(forKey: "type")
        guard let id = values.removeValue(forKey: "id"), values.count <= 1 else {
            throw .value("it is not id=ID,src=FILE or id=ID,env=VARIABLE")
        }
        if let path = values["src"], kind != "env" {
            do throws(Errno) {
                return (id, .init(try readHostFile(path, limit: sizeLimit)))
            } catch { throw .failed("cannot read the secret \"\(path)\": \(error)") }
        }
        // As Docker has it, a secret without a source is the variable of its name.
        let name = values["env"] ?? values["src"] ?? id
        guard values.isEmpty || values["env"] != nil || kind == "env", let value = Environment[name]
        else { throw .value("there is no variable \"\(name)\"") }
        return (id, .init(Array(value.utf8)))
    }
}
