internal import AppContainer
internal import Commands
internal import ImageBuilding
internal import JSON
internal import Linux
internal import References

// Verbs that change what an image says about itself, and have flags or a grammar of their own (else ``Edits``).

/// `acbuild mount add`, also `acbuild volume add`.
struct MountAddVerb: EditingVerb {
    static let name = "mount add"
    static let summary = "Add a mount point"
    static let usage = "[--read-only] NAME PATH"
    static let argumentCount = 2...2
    static var ownFlags: [Flag<Self>] {
        [.bool("read-only", "the app only reads there") { $0.isReadOnly = $1 }]
    }
    var common = BuildOptions()
    private var isReadOnly = false

    init() {}

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.addMount(arguments[0], arguments[1], isReadOnly: isReadOnly)
    }
}

/// `acbuild port add`.
struct PortAddVerb: EditingVerb {
    static let name = "port add"
    static let summary = "Add a port"
    static let usage = "[--count=N] [--socket-activated] NAME PROTOCOL PORT"
    static let argumentCount = 3...3
    static var ownFlags: [Flag<Self>] {
        [
            .integer("count", default: "1", "how many ports in a row", in: 1...65535) {
                $0.count = $1
            },
            .bool("socket-activated", "the app gets the listening socket") {
                $0.isSocketActivated = $1
            },
        ]
    }
    var common = BuildOptions()
    private var count: Int64 = 1
    private var isSocketActivated = false

    init() {}

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.addPort(
            arguments[0],
            arguments[1],
            arguments[2],
            count: count,
            isSocketActivated: isSocketActivated
        )
    }
}

/// `acbuild dependency add`.
struct DependencyAddVerb: EditingVerb {
    static let name = "dependency add"
    static let summary = "Add a dependency, or change it"
    static let usage =
        "[--image-id=ID] [--label=NAME=VALUE ...] [--size=BYTES] NAME[:VERSION][,LABEL=VALUE...]"
    static let argumentCount = 1...1
    static var ownFlags: [Flag<Self>] {
        [
            .string("image-id", "the ID that the image must have") {
                verb,
                text throws(CommandError) in
                do throws(ManifestError) { verb.id = try ImageHash(text) } catch {
                    throw .value(error.description)
                }
            },
            .string("label", "a label that the image must have, NAME=VALUE") {
                verb,
                text throws(CommandError) in
                guard let equals = text.firstIndex(of: "="),
                    let name = try? ACIdentifier(String(text[..<equals]))
                else { throw .value("it is not NAME=VALUE") }
                let value = String(text[text.index(after: equals)...])
                verb.labels.append(Label(name: name, value: value))
            },
            .integer("size", default: "0", "the size of the image in bytes", in: 0...Int64.max) {
                $0.size = $1
            },
        ]
    }
    var common = BuildOptions()
    private var id: ImageHash?
    private var labels: [Label] = []
    private var size: Int64 = 0

    init() {}

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        let name = try LabelledName(arguments[0])
        // A label that is given twice counts as the flag says.
        let all = LabelledName(name.name, labels: labels + name.labels).labels
        try draft.addDependency(
            Dependency(
                imageName: name.name,
                imageID: id,
                labels: all,
                size: size > 0 ? UInt64(size) : nil
            )
        )
    }
}

/// `acbuild isolator add`.
struct IsolatorAddVerb: EditingVerb {
    static let name = "isolator add"
    static let summary = "Add an isolator, or change it"
    static let usage = "NAME FILE|-"
    static let details = """
        FILE holds the isolator's value as JSON; "-" is standard input.
        """
    static let argumentCount = 2...2
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        let bytes = try readFile(arguments[1])
        let value: JSON
        do throws(JSONError) { value = try JSON.parse(bytes) } catch {
            throw CommandError.failed("the value of the isolator is not JSON: \(error)")
        }
        let json: JSON = ["name": .string(arguments[0]), "value": value]
        try draft.addIsolator(try Isolator(json: json))
    }
}

/// `acbuild set-exec`.
struct SetExecVerb: EditingVerb {
    static let name = "set-exec"
    static let summary = "Set the program the image runs"
    static let usage = "[--] PROGRAM [ARGUMENT...]"
    static let argumentCount = 1...100_000
    var common = BuildOptions()

    mutating func parse(_ arguments: inout ArgumentParser<Self>) throws(CommandError) -> [String] {
        try parseProgram(&arguments)
    }

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.setExec(arguments)
    }
}

/// `acbuild set-event-handler`, also `set-eh`.
struct SetEventHandlerVerb: EditingVerb {
    static let name = "set-event-handler"
    static let summary = "Set what runs before or after the app"
    static let usage = "pre-start|post-stop [--] PROGRAM [ARGUMENT...]"
    static let argumentCount = 2...100_000
    var common = BuildOptions()

    mutating func parse(_ arguments: inout ArgumentParser<Self>) throws(CommandError) -> [String] {
        try arguments.takeFlags(into: &self)
        guard let event = arguments.take() else { return [] }
        return [event] + (try parseProgram(&arguments))
    }

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.setEventHandler(arguments[0], Array(arguments.dropFirst()))
    }
}

/// `acbuild replace-manifest`.
struct ReplaceManifestVerb: EditingVerb {
    static let name = "replace-manifest"
    static let summary = "Replace the manifest of an ACI, or the configuration of an OCI image"
    static let usage = "FILE|-"
    static let argumentCount = 1...1
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.replaceManifest(try readFile(arguments[0]))
    }
}

extension BuildVerb {
    /// Flags up to the program; what follows is the program's.
    mutating func parseProgram(
        _ arguments: inout ArgumentParser<Self>
    ) throws(CommandError) -> [String] {
        try arguments.takeFlags(into: &self)
        if arguments.next == "--" { _ = arguments.take() }
        return arguments.takeRest()
    }
}

/// The contents of a file that the user names, `-` being standard input.
func readFile(_ path: String) throws(CommandError) -> [UInt8] {
    do throws(Errno) {
        return try readHostFile(path == "-" ? "/dev/stdin" : path, limit: 4 << 20)
    } catch {
        throw .failed("cannot read \"\(path)\": \(error)")
    }
}
