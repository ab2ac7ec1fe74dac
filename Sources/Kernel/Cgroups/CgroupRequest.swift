/// What a pod wants of the machine's cgroups.
package struct CgroupRequest: Equatable, Sendable {
    /// One app of the pod.
    package struct App: Equatable, Sendable {
        package let name: String
        package let limits: ResourceLimits

        package init(name: String, limits: ResourceLimits = ResourceLimits()) {
            self.name = name
            self.limits = limits
        }
    }

    package let uuid: String
    package var limits: ResourceLimits
    package var devices: DevicePolicy
    package var apps: [App]
    /// True for a pod of an ordinary user: whatever is missing is a warning, and the kernel's own
    /// rules keep its devices shut.
    package var isRootless: Bool

    package init(
        uuid: String,
        limits: ResourceLimits = ResourceLimits(),
        devices: DevicePolicy = .closed(allowing: []),
        apps: [App],
        isRootless: Bool = false
    ) {
        self.uuid = uuid
        self.limits = limits
        self.devices = devices
        self.apps = apps
        self.isRootless = isRootless
    }
}

extension CgroupRequest {
    /// The rules to enforce; nil where no policy is wanted or the kernel refuses one.
    var deviceRules: [DeviceRule]? { isRootless ? nil : devices.rules }

    /// Apps that need a cgroup of their own; a single app uses the pod's.
    var limitedApps: [App] {
        apps.count > 1 ? apps.filter { !$0.limits.controllers.isEmpty } : []
    }

    /// The limits of the pod's own cgroup.
    var podLimits: ResourceLimits {
        guard apps.count == 1, let app = apps.first else { return limits }
        return limits.overridden(by: app.limits)
    }

    /// Every controller that is needed somewhere, in a fixed order.
    var controllers: [Controller] {
        let limited = podLimits.controllers + limitedApps.flatMap(\.limits.controllers)
        return Controller.allCases.filter {
            $0 == .devices ? deviceRules != nil : limited.contains($0)
        }
    }

    /// One warning for each setting that a missing controller leaves without effect.
    func warnings(missing controllers: [Controller]) -> [String] {
        controllers.map { controller in
            let limits = [podLimits] + limitedApps.map(\.limits)
            let isOnlyWeight = controller == .cpu && limits.allSatisfy { $0.milliCPU == nil }
            let isolator = isOnlyWeight ? "os/linux/cpu-shares isolator" : controller.isolator
            return "\(isolator) set but support disabled in the kernel, skipping"
        }
    }
}
