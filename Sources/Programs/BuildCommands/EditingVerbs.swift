internal import AppContainer
internal import Commands
internal import ImageBuilding
internal import JSON
internal import Linux
internal import References

// Verbs that change what an image says about itself; each is a line of a table more than a program.

/// `acbuild annotation add`.
struct AnnotationAddVerb: EditingVerb {
    static let name = "annotation add"
    static let summary = "Add an annotation, or change it"
    static let usage = "NAME VALUE"
    static let argumentCount = 2...2
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.addAnnotation(arguments[0], arguments[1])
    }
}

/// `acbuild annotation remove`.
struct AnnotationRemoveVerb: EditingVerb {
    static let name = "annotation remove"
    static let summary = "Remove an annotation"
    static let usage = "NAME"
    static let argumentCount = 1...1
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.removeAnnotation(arguments[0])
    }
}

/// `acbuild label add`.
struct LabelAddVerb: EditingVerb {
    static let name = "label add"
    static let summary = "Add a label, or change it"
    static let usage = "NAME VALUE"
    static let argumentCount = 2...2
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.addLabel(arguments[0], arguments[1])
    }
}

/// `acbuild label remove`.
struct LabelRemoveVerb: EditingVerb {
    static let name = "label remove"
    static let summary = "Remove a label"
    static let usage = "NAME"
    static let argumentCount = 1...1
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.removeLabel(arguments[0])
    }
}

/// `acbuild environment add`.
struct EnvironmentAddVerb: EditingVerb {
    static let name = "environment add"
    static let summary = "Add an environment variable, or change it"
    static let usage = "NAME VALUE"
    static let argumentCount = 2...2
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.setVariable(arguments[0], arguments[1])
    }
}

/// `acbuild environment remove`.
struct EnvironmentRemoveVerb: EditingVerb {
    static let name = "environment remove"
    static let summary = "Remove an environment variable"
    static let usage = "NAME"
    static let argumentCount = 1...1
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.removeVariable(arguments[0])
    }
}

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

/// `acbuild mount remove`.
struct MountRemoveVerb: EditingVerb {
    static let name = "mount remove"
    static let summary = "Remove a mount point"
    static let usage = "NAME|PATH"
    static let argumentCount = 1...1
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.removeMount(arguments[0])
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

/// `acbuild port remove`.
struct PortRemoveVerb: EditingVerb {
    static let name = "port remove"
    static let summary = "Remove a port"
    static let usage = "NAME|PORT"
    static let argumentCount = 1...1
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.removePort(arguments[0])
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

/// `acbuild dependency remove`.
struct DependencyRemoveVerb: EditingVerb {
    static let name = "dependency remove"
    static let summary = "Remove a dependency"
    static let usage = "NAME"
    static let argumentCount = 1...1
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.removeDependency(arguments[0])
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

/// `acbuild isolator remove`.
struct IsolatorRemoveVerb: EditingVerb {
    static let name = "isolator remove"
    static let summary = "Remove an isolator"
    static let usage = "NAME"
    static let argumentCount = 1...1
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.removeIsolator(arguments[0])
    }
}

/// `acbuild set-name`.
struct SetNameVerb: EditingVerb {
    static let name = "set-name"
    static let summary = "Set the image name"
    static let usage = "NAME"
    static let argumentCount = 1...1
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.setName(arguments[0])
    }
}

/// `acbuild set-tag`.
struct SetTagVerb: EditingVerb {
    static let name = "set-tag"
    static let summary = "Set the tag of an OCI image, or the version of an ACI"
    static let usage = "TAG"
    static let argumentCount = 1...1
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.setTag(arguments[0])
    }
}

/// `acbuild set-user`.
struct SetUserVerb: EditingVerb {
    static let name = "set-user"
    static let summary = "Set the user the app runs as"
    static let usage = "USER"
    static let argumentCount = 1...1
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.setUser(arguments[0])
    }
}

/// `acbuild set-group`.
struct SetGroupVerb: EditingVerb {
    static let name = "set-group"
    static let summary = "Set the group the app runs as"
    static let usage = "GROUP"
    static let argumentCount = 1...1
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.setGroup(arguments[0])
    }
}

/// `acbuild set-supp-groups`.
struct SetSupplementaryGroupsVerb: EditingVerb {
    static let name = "set-supp-groups"
    static let summary = "Set the other groups the app belongs to"
    static let usage = "GID..."
    static let argumentCount = 1...1000
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.setSupplementaryGroups(arguments)
    }
}

/// `acbuild set-working-directory`, also `set-wd`.
struct SetWorkingDirectoryVerb: EditingVerb {
    static let name = "set-working-directory"
    static let summary = "Set the directory the app runs in"
    static let usage = "DIRECTORY"
    static let argumentCount = 1...1
    var common = BuildOptions()

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try draft.setWorkingDirectory(arguments[0])
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
