extension CgroupPlan {
    /// Version 2: one directory for the pod; leaves in it for PID 1 and for apps with limits.
    static func unified(
        _ request: CgroupRequest,
        _ parent: UnifiedParent
    ) throws(CgroupError) -> CgroupPlan {
        var plan = CgroupPlan()
        let name: String
        switch parent {
        case .none:
            if request.deviceRules != nil { throw .noDeviceController }
            if !request.controllers.isEmpty { plan.result.warnings = [noDelegation(request)] }
            return plan
        case .own(let directory, let available):
            name = PodCgroupName.legacy(request.uuid)
            var place = Place(directory: directory)
            place.steps.append(.makeDirectory(PodCgroupName.supervisor, mayExist: true))
            place.steps.append(.write("\(PodCgroupName.supervisor)/cgroup.procs", ["0"]))
            place.enable(request.enabled(available), in: nil)
            plan.places = [place]
            plan.fill(request, name, available)
        case .beside(let directory, let available):
            name = PodCgroupName.legacy(request.uuid)
            plan.places = [Place(directory: directory)]
            plan.fill(request, name, available)
        case .top(let mountPoint, let available):
            name = "\(PodCgroupName.engine)/\(PodCgroupName.unified(request.uuid))"
            var place = Place(directory: mountPoint)
            place.steps.append(.makeDirectory(PodCgroupName.engine, mayExist: true))
            place.enable(request.enabled(available), in: nil)
            place.enable(request.enabled(available), in: PodCgroupName.engine)
            plan.places = [place]
            plan.fill(request, name, available)
        }
        return plan
    }

    /// The pod's directory and its leaves, in the last place of the plan.
    private mutating func fill(
        _ request: CgroupRequest,
        _ name: String,
        _ available: [Controller]
    ) {
        guard var place = places.popLast() else { return }
        let enabled = request.enabled(available)
        let missing = request.controllers.filter { $0 != .devices && !enabled.contains($0) }
        result.warnings = request.warnings(missing: missing)
        place.steps.append(.makeDirectory(name))
        if let rules = request.deviceRules { place.steps.append(.restrictDevices(name, rules)) }
        place.add(name, request.podLimits, enabled)
        let path = "\(place.directory)/\(name)"
        result.directories = [path]
        result.initialDirectory = path
        let limited = request.limitedApps.filter {
            !$0.limits.controllers.filter(enabled.contains).isEmpty
        }
        if !limited.isEmpty {
            addLeaves(limited, to: &place, name, enabled)
        }
        result.removalOrder.append(path)
        places.append(place)
    }

    private mutating func addLeaves(
        _ apps: [CgroupRequest.App],
        to place: inout Place,
        _ name: String,
        _ enabled: [Controller]
    ) {
        let path = "\(place.directory)/\(name)"
        let inLeaves = enabled.filter { one in apps.contains { $0.limits.controllers.contains(one) }
        }
        place.enable(inLeaves, in: name)
        place.steps.append(.makeDirectory("\(name)/\(PodCgroupName.initial)"))
        result.initialDirectory = "\(path)/\(PodCgroupName.initial)"
        result.removalOrder.append("\(path)/\(PodCgroupName.initial)")
        for app in apps {
            let child = PodCgroupName.app(app.name)
            place.steps.append(.makeDirectory("\(name)/\(child)"))
            place.add("\(name)/\(child)", app.limits, enabled)
            result.appFiles[app.name] = ["\(path)/\(child)/cgroup.procs"]
            result.removalOrder.append("\(path)/\(child)")
        }
    }
}

extension CgroupRequest {
    /// The needed controllers that there are; devices are no controller on version 2.
    fileprivate func enabled(_ available: [Controller]) -> [Controller] {
        controllers.filter { $0 != .devices && available.contains($0) }
    }
}

extension CgroupPlan.Place {
    /// Hands controllers on to the children of a cgroup; again is harmless.
    fileprivate mutating func enable(_ controllers: [Controller], in name: String?) {
        if controllers.isEmpty { return }
        let list = controllers.map { "+\($0.rawValue)" }.joined(separator: " ")
        let prefix = name.map { "\($0)/" } ?? ""
        steps.append(.write("\(prefix)cgroup.subtree_control", [list]))
    }

    fileprivate mutating func add(
        _ name: String,
        _ limits: ResourceLimits,
        _ controllers: [Controller]
    ) {
        for (file, value) in controllers.flatMap(limits.unifiedFiles) {
            steps.append(.write("\(name)/\(file)", [value]))
        }
    }
}
