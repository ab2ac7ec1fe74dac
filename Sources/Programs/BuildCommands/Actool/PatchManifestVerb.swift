internal import AppContainer
internal import Commands
internal import ImageBuilding

/// `acbuild patch-manifest`, which is that of `actool`.
struct PatchManifestVerb: BuildVerb {
    static let name = "patch-manifest"
    static let summary = "Copy an ACI with another manifest, or change the manifest in it"
    static let usage = "[--name=NAME ...] [--replace] INPUT.aci [OUTPUT.aci]"
    static let details = """
        What a list has is separated by colons: --mounts=work,path=/opt,readOnly=true:other,path=/srv
        --ports=query,protocol=tcp,port=8080 --isolators=resource/cpu,request=50m,limit=100m:os/linux/no-new-privileges,true
        """
    static var ownFlags: [Flag<Self>] { fileFlags + valueFlags + listFlags }
    var common = BuildOptions()
    private var patch = ManifestPatch()
    private var isPatching = false
    private var manifest: String?
    private var isPlain = false
    private var overwrites = false
    private var replaces = false
    private var seccompMode: String?
    private var systemCalls: String?

    init() {}

    mutating func run(_ context: Context) throws {
        try refuseModify()
        let (input, output) = try files(context.arguments)
        if let mode = seccompMode {
            try setSeccomp(mode)
        } else if systemCalls != nil {
            throw CommandError.usage("--seccomp-set specified without --seccomp-mode")
        }
        guard manifest == nil || !isPatching else {
            throw CommandError.usage(
                "--manifest is incompatible with other manifest editing options"
            )
        }
        let bytes = try manifest.map(readFile)
        let target = ImageOutput(
            target: output,
            overwrites: overwrites || replaces,
            compression: isPlain ? .none : .gzip,
            context: context
        )
        try ModifiedImage(path: input, format: .appc, context).change(into: target) { build in
            var draft = build.draft
            if let bytes { try draft.replaceManifest(bytes) } else { try draft.apply(patch) }
            try build.update(draft)
        }
    }

    private func files(_ arguments: [String]) throws(CommandError) -> (String, String) {
        guard !(replaces && overwrites) else {
            throw .usage("cannot use both --replace and --overwrite")
        }
        guard let input = arguments.first, arguments.count == (replaces ? 1 : 2) else {
            throw .usage(
                replaces
                    ? "must provide one file"
                    : "must provide input and output files (or use --replace)"
            )
        }
        return (input, replaces ? input : try ACIFileName(arguments[1]).path)
    }

    /// `remove` or `retain`, and `errno=EXXX`.
    private mutating func setSeccomp(_ mode: String) throws(CommandError) {
        let words = mode.split(separator: ",").map { $0.contains("=") ? $0 : "mode=" + $0 }
        let text = words.joined(separator: ",") + "," + (systemCalls ?? "")
        do throws(ManifestError) { patch.seccomp = try .seccomp(flag: text) } catch {
            throw .usage("cannot parse seccomp isolator: \(error)")
        }
        isPatching = true
    }
}

// MARK: - Flags

extension PatchManifestVerb {
    private static var fileFlags: [Flag<Self>] {
        [
            .string("manifest", "the file whose manifest replaces that of the image") {
                $0.manifest = $1
            },
            .bool("no-compression", "write a plain tar") { $0.isPlain = $1 },
            .bool("overwrite", "replace an output file that is there") { $0.overwrites = $1 },
            .bool("replace", "replace the input file") { $0.replaces = $1 },
        ]
    }

    private static var valueFlags: [Flag<Self>] {
        [
            value("name", "replace the name") { (patch, text) throws(ManifestError) in
                patch.name = try ACIdentifier(text)
            },
            value("exec", "replace the program and its arguments, separated by spaces") {
                (patch, text) throws(ManifestError) in
                patch.exec = text.split(separator: " ").map(String.init)
            },
            value("user", "replace the user") { (patch, text) throws(ManifestError) in
                patch.user = try UserSpec(text)
            },
            value("group", "replace the group") { (patch, text) throws(ManifestError) in
                patch.group = try GroupSpec(text)
            },
            value("supplementary-groups", "replace the other groups, separated by commas") {
                (patch, text) throws(ManifestError) in
                var ids: [UInt32] = []
                for part in text.split(separator: ",") {
                    guard let id = UInt32(part), id != .max else {
                        throw .flag(text, reason: "not the numbers of groups")
                    }
                    ids.append(id)
                }
                patch.supplementaryGIDs = ids
            },
            value("capability", "the only capabilities that the app keeps") {
                (patch, text) throws(ManifestError) in
                try once(patch, text)
                patch.capabilities = try .capabilitiesRetain(flag: text)
            },
            value("revoke-capability", "capabilities that the app loses") {
                (patch, text) throws(ManifestError) in
                try once(patch, text)
                patch.capabilities = try .capabilitiesRemove(flag: text)
            },
        ]
    }

    private static var listFlags: [Flag<Self>] {
        [
            value("mounts", "add mount points, NAME,path=/PATH[,readOnly=true]") {
                (patch, text) throws(ManifestError) in
                for part in parts(text) { patch.mountPoints.append(try MountPoint(flag: part)) }
            },
            value("ports", "add ports, NAME,protocol=tcp,port=80") {
                (patch, text) throws(ManifestError) in
                for part in parts(text) { patch.ports.append(try Port(flag: part)) }
            },
            value("isolators", "add isolators, NAME,request=AMOUNT,limit=AMOUNT") {
                (patch, text) throws(ManifestError) in
                for part in parts(text) { patch.isolators.append(try Isolator(flag: part)) }
            },
            .string("seccomp-mode", "replace the filter: remove or retain, and errno=ERROR") {
                $0.seccompMode = $1
            },
            .string("seccomp-set", "the system calls of the filter, separated by commas") {
                $0.systemCalls = $1
            },
        ]
    }

    private static func parts(_ text: String) -> [String] {
        text.split(separator: ":").map(String.init)
    }

    private static func once(_ patch: ManifestPatch, _ text: String) throws(ManifestError) {
        guard patch.capabilities == nil else {
            throw .flag(text, reason: "conflicting capabilities isolators provided")
        }
    }

    /// A flag that changes the patch.
    private static func value(
        _ name: String,
        _ help: String,
        _ set: @escaping (inout ManifestPatch, String) throws(ManifestError) -> Void
    ) -> Flag<Self> {
        .string(name, help) { verb, text throws(CommandError) in
            do throws(ManifestError) { try set(&verb.patch, text) } catch {
                throw .value(error.description)
            }
            verb.isPatching = true
        }
    }
}
