internal import AppContainer
internal import Stage0

extension PodMakingCommand {
    /// The flags that belong to the image before them.
    static var appFlags: [Flag<Self>] {
        [
            appFlag("exec", "override the exec command for the preceding image") {
                app,
                text throws(CommandError) in
                guard app.program == nil else {
                    throw .value("--exec is given twice for one image")
                }
                app.program = text
            },
            appFlag("signature", "local signature file to use for the preceding image") {
                app,
                text throws(CommandError) in
                guard app.signature == nil else {
                    throw .value("--signature is given twice for one image")
                }
                app.signature = text
            },
            appFlag("working-dir", "override the working directory of the preceding image") {
                app,
                text throws(CommandError) in
                guard text.utf8.first == UInt8(ascii: "/") else {
                    throw .value("it is not an absolute path")
                }
                app.workingDirectory = text
            },
            appFlag("readonly-rootfs", "if set, the app's rootfs will be mounted read-only") {
                app,
                text throws(CommandError) in
                guard let value = parseBool(text) else { throw .value("it is not true or false") }
                app.hasReadOnlyRoot = value
            },
            .string("mount", "mount point binding a volume to a path within an app") {
                command,
                text throws(CommandError) in
                let mount = try reading { () throws(ManifestError) in try Mount(flag: text) }
                command.arguments.add(mount)
            },
            appFlag("name", "set the name of the app") { app, text throws(CommandError) in
                app.name = try reading { () throws(ManifestError) in try ACName(text) }
            },
        ] + identityFlags + descriptionFlags + isolatorFlags
    }

    private static var identityFlags: [Flag<Self>] {
        [
            appFlag("user", "user override for the preceding image") {
                app,
                text throws(CommandError) in
                app.user = try reading { () throws(ManifestError) in try UserSpec(text) }
            },
            appFlag("group", "group override for the preceding image") {
                app,
                text throws(CommandError) in
                app.group = try reading { () throws(ManifestError) in try GroupSpec(text) }
            },
            appFlag("supplementary-gids", "supplementary group IDs for the preceding image") {
                app,
                text throws(CommandError) in
                var groups: [UInt32] = []
                for item in text.split(separator: ",", omittingEmptySubsequences: true) {
                    guard let group = UInt32(item), group != .max else {
                        throw .value("\"\(item)\" is not a group id (0 to 4294967294)")
                    }
                    groups.append(group)
                }
                app.supplementaryGroups = groups
            },
        ]
    }

    private static var descriptionFlags: [Flag<Self>] {
        [
            appFlag("annotation", "set the app's annotations (example: 'annotation=foo=bar')") {
                app,
                text throws(CommandError) in
                let (name, value) = try pair(text)
                let identifier = try reading { () throws(ManifestError) in try ACIdentifier(name) }
                app.annotations.removeAll { $0.name == identifier }
                app.annotations.append(Annotation(name: identifier, value: value))
            },
            appFlag("user-annotation", "set the app's user annotations") {
                app,
                text throws(CommandError) in
                let (name, value) = try pair(text)
                app.userAnnotations[name] = value
            },
            appFlag("user-label", "set the app's user labels") { app, text throws(CommandError) in
                let (name, value) = try pair(text)
                app.userLabels[name] = value
            },
            appFlag("environment", "set the app's environment variables") {
                app,
                text throws(CommandError) in
                let added = try variable(text)
                app.environment.removeAll { $0.name == added.name }
                app.environment.append(added)
            },
        ]
    }

    private static var isolatorFlags: [Flag<Self>] {
        [
            isolator("memory", "memory limit for the preceding image") {
                text throws(ManifestError) in
                try .memory(flag: text)
            },
            isolator("cpu", "cpu limit for the preceding image") { text throws(ManifestError) in
                try .cpu(flag: text)
            },
            isolator("cpu-shares", "cpu-shares of the preceding image") {
                text throws(ManifestError) in try .cpuShares(flag: text)
            },
            isolator("oom-score-adj", "oom score adjustment of the preceding image") {
                text throws(ManifestError) in try .oomScoreAdjustment(flag: text)
            },
            isolator("seccomp", "seccomp filter override: mode=retain|remove,[errno=EXXX],SET") {
                text throws(ManifestError) in try .seccomp(flag: text)
            },
        ] + capabilityFlags
    }

    private static var capabilityFlags: [Flag<Self>] {
        let retain = { (text: String) throws(ManifestError) -> Isolator in
            try .capabilitiesRetain(flag: text)
        }
        let remove = { (text: String) throws(ManifestError) -> Isolator in
            try .capabilitiesRemove(flag: text)
        }
        return [
            isolator("caps-retain", "capability to retain (example: CAP_NET_ADMIN)", retain),
            isolator("caps-remove", "capability to remove (example: CAP_MKNOD)", remove),
            isolator("cap-retain", "the old name of --caps-retain", retain).hidden(),
            isolator("cap-remove", "the old name of --caps-remove", remove).hidden(),
        ]
    }

    private static func appFlag(
        _ name: String,
        _ help: String,
        _ set: @escaping (inout AppOptions, String) throws(CommandError) -> Void
    ) -> Flag<Self> {
        .string(name, help) { command, text throws(CommandError) in
            try command.arguments.changeApp(name) { app throws(CommandError) in
                try set(&app, text)
            }
        }
    }

    private static func isolator(
        _ name: String,
        _ help: String,
        _ make: @escaping (String) throws(ManifestError) -> Isolator
    ) -> Flag<Self> {
        appFlag(name, help) { app, text throws(CommandError) in
            try app.add(try reading { () throws(ManifestError) in try make(text) })
        }
    }

    private static func pair(_ text: String) throws(CommandError) -> (String, String) {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
            throw .value("it is not NAME=value")
        }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}

extension AppOptions {
    /// The two kinds of capability flags exclude each other; otherwise the last flag of a kind counts.
    fileprivate mutating func add(_ isolator: Isolator) throws(CommandError) {
        let opposite =
            switch isolator {
            case .capabilitiesRetain: "os/linux/capabilities-remove-set"
            case .capabilitiesRemove: "os/linux/capabilities-retain-set"
            default: ""
            }
        guard !isolators.contains(where: { $0.name == opposite }) else {
            throw .value("--caps-retain and --caps-remove exclude each other")
        }
        isolators.append(isolator)
    }
}
