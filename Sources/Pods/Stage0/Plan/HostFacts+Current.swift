internal import AppContainer
internal import Cgroups
internal import Linux

extension HostFacts {
    /// The group that owns terminals, on every Linux.
    private static let terminalGroup: UInt64 = 5

    /// The facts of this machine that a pod depends on; the sources of its volumes must exist.
    init(manifest: PodManifest) throws(Stage0Error) {
        self.init()
        isRootless = try step("look at the user namespace") { () throws(Errno) in
            try !CurrentProcess.isInFirstUserNamespace()
        }
        if isRootless {
            hasTerminalGroup = Self.mapsGroup(Self.terminalGroup)
            let setting = try? readHostFile("/proc/self/setgroups", limit: 64)
            canSetGroups = setting?.starts(with: "deny".utf8) != true
        }
        if !isRootless { appArmor = AppArmor() }
        capabilities = try step("read this process's capabilities") { () throws(Errno) in
            try CurrentProcess.capabilities().rawValue
        }
        if !canRaiseLimits, manifest.apps.contains(where: { $0.app?.oomScore != nil }) {
            let text = (try? readHostFile("/proc/self/oom_score_adj", limit: 64)) ?? []
            oomScore = Int(String(decoding: text.prefix { $0 != 0x0A }, as: UTF8.self)) ?? 0
        }
        throttledProcessors = Self.countThrottledProcessors()
        if let terminal = Environment["TERM"], !terminal.isEmpty { self.terminal = terminal }
        for source in manifest.hostSources { sources[source] = try Self.source(source) }
    }

    private static func mapsGroup(_ group: UInt64) -> Bool {
        let map = (try? readHostFile("/proc/self/gid_map", limit: 64 << 10)) ?? []
        return map.split(separator: 0x0A).contains { line in
            let numbers = String(decoding: line, as: UTF8.self).split(separator: " ")
                .compactMap { UInt64($0) }
            return numbers.count == 3 && group >= numbers[0] && group - numbers[0] < numbers[2]
        }
    }

    private static func countThrottledProcessors() -> Int {
        guard let processors = try? Directory(path: "/sys/devices/system/cpu"),
            processors.contains("cpu0/thermal_throttle")
        else { return 0 }
        var count = 1
        while processors.contains("cpu\(count)") { count += 1 }
        return count
    }

    /// What a source is; it was named by the operator, so links on the way are theirs.
    private static func source(_ path: String) throws(Stage0Error) -> Source {
        do throws(Errno) {
            let status = try Descriptor.open(path, .pathOnly).status()
            return switch status.kind {
            case .directory: .directory
            case .characterDevice:
                .device(.character, major: status.deviceMajor, minor: status.deviceMinor)
            case .blockDevice:
                .device(.block, major: status.deviceMajor, minor: status.deviceMinor)
            default: .file
            }
        } catch {
            throw .volumeSource(path, error)
        }
    }
}

extension PodManifest {
    /// The sources of all host volumes that are mounted somewhere; others are ignored, whatever they are.
    fileprivate var hostSources: [String] {
        let mounts = apps.flatMap { (try? $0.boundMounts(volumes: volumes)) ?? [] }
        return mounts.compactMap { mount in
            if case .host(let source, _) = mount.volume.kind { source } else { nil }
        }
    }
}
