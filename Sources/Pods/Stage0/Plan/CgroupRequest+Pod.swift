internal import AppContainer
internal import Cgroups

extension PodRun {
    /// What the pod and its apps may use.
    var cgroupRequest: CgroupRequest {
        var limits = ResourceLimits(manifest.isolators)
        limits.pids = UInt64(clamping: options.processLimit)
        return CgroupRequest(
            uuid: uuid,
            limits: limits,
            devices: options.insecure.contains(.paths)
                ? .unrestricted : .closed(allowing: deviceRules),
            apps: manifest.apps.map { app in
                CgroupRequest.App(
                    name: app.name.text,
                    limits: ResourceLimits(app.app?.isolators ?? [])
                )
            },
            isRootless: host.isRootless
        )
    }

    /// Devices that are volumes may be used as their volume says.
    private var deviceRules: [DeviceRule] {
        let mounts = manifest.apps.flatMap {
            (try? $0.boundMounts(volumes: manifest.volumes)) ?? []
        }
        return mounts.compactMap { mount in
            guard case .host(let source, _) = mount.volume.kind,
                case .device(let kind, let major, let minor)? = host.sources[source]
            else { return nil }
            let access: DeviceRule.Access = mount.isReadOnly ? .read : [.read, .write]
            return DeviceRule(kind, major: major, minor: minor, access: access)
        }
    }
}

extension ResourceLimits {
    /// The limits that isolators set; a later one wins.
    fileprivate init(_ isolators: [Isolator]) {
        self.init()
        for isolator in isolators {
            switch isolator {
            case .memory(let range):
                memory = range.limit.map { UInt64(clamping: $0.units) } ?? memory
            case .cpu(let range):
                milliCPU = range.limit.map { UInt64(clamping: $0.thousandths) } ?? milliCPU
            case .cpuShares(let shares):
                cpuShares = UInt64(clamping: shares)
            default:
                break
            }
        }
    }
}
