extension CgroupPlan {
    /// Version 1: one directory in each hierarchy that has a needed controller, below our own cgroup.
    ///
    /// Every directory costs the start of a pod some 50 µs, so a controller without a limit gets none.
    static func legacy(
        _ request: CgroupRequest,
        _ layout: CgroupLayout
    ) throws(CgroupError) -> CgroupPlan {
        var plan = CgroupPlan()
        // cgroup v1 has no safe delegation: an ordinary user can make nothing here.
        if request.isRootless {
            plan.result.warnings = request.controllers.isEmpty ? [] : [noDelegation(request)]
            return plan
        }
        let missing = request.controllers.filter { layout.legacyHierarchy(of: $0) == nil }
        if missing.contains(.devices) { throw .noDeviceController }
        plan.result.warnings = request.warnings(missing: missing)
        for hierarchy in layout.legacy {
            let controllers = request.controllers.filter {
                layout.legacyHierarchy(of: $0) == hierarchy
            }
            if !controllers.isEmpty { plan.add(hierarchy, controllers, request) }
        }
        return plan
    }

    private mutating func add(
        _ hierarchy: CgroupLayout.Hierarchy,
        _ controllers: [Controller],
        _ request: CgroupRequest
    ) {
        let name = PodCgroupName.legacy(request.uuid)
        var place = Place(directory: hierarchy.ownDirectory)
        place.steps.append(.makeDirectory(name))
        if controllers.contains(.devices), let rules = request.deviceRules {
            place.steps.append(.write("\(name)/devices.deny", ["a"]))
            place.steps.append(.write("\(name)/devices.allow", rules.map(\.legacyEntry)))
        }
        place.add(name, request.podLimits, controllers)
        let path = "\(hierarchy.ownDirectory)/\(name)"
        result.directories.append(path)
        result.initialFiles.append("\(path)/tasks")
        for app in request.limitedApps {
            let own = controllers.filter(app.limits.controllers.contains)
            if own.isEmpty { continue }
            let child = PodCgroupName.app(app.name)
            place.steps.append(.makeDirectory("\(name)/\(child)"))
            place.add("\(name)/\(child)", app.limits, own)
            result.appFiles[app.name, default: []].append("\(path)/\(child)/tasks")
            result.removalOrder.append("\(path)/\(child)")
        }
        result.removalOrder.append(path)
        places.append(place)
    }

    /// What a rootless pod goes without, and what would change that.
    static func noDelegation(_ request: CgroupRequest) -> String {
        let names = request.controllers.map(\.rawValue).joined(separator: ", ")
        return "no cgroup is delegated to this user, so the limits on \(names) are not enforced "
            + "(on a host with cgroup v2, start rkt with systemd-run --user --scope -p Delegate=yes)"
    }
}

extension CgroupPlan.Place {
    fileprivate mutating func add(
        _ name: String,
        _ limits: ResourceLimits,
        _ controllers: [Controller]
    ) {
        for (file, value) in controllers.flatMap(limits.legacyFiles) {
            steps.append(.write("\(name)/\(file)", [value]))
        }
    }
}
