internal import Linux

/// What has to be done for a pod's cgroups, decided before anything is done.
struct CgroupPlan: Equatable {
    /// One act; names are relative to the plan's place.
    enum Step: Equatable {
        case makeDirectory(String, mayExist: Bool = false)
        /// Each value with a write of its own, as the kernel's files want it.
        case write(String, [String])
        case restrictDevices(String, [DeviceRule])
    }

    /// Steps below one directory that exists.
    struct Place: Equatable {
        let directory: String
        var steps: [Step] = []
    }

    var places: [Place] = []
    var result = PodCgroup()

    /// Decides by what the machine has.
    static func make(
        _ request: CgroupRequest,
        layout: CgroupLayout
    ) throws(CgroupError) -> CgroupPlan {
        guard layout.isPureV2, let hierarchy = layout.unified else {
            return try legacy(request, layout)
        }
        let parent = UnifiedParent.find(hierarchy, isRootless: request.isRootless)
        return try unified(request, parent)
    }

    /// Does it, in order.
    func perform() throws(CgroupError) {
        for place in places {
            let directory: Directory
            do throws(Errno) {
                directory = try Directory(path: place.directory)
            } catch {
                throw .read(place.directory, error)
            }
            for step in place.steps { try step.perform(in: directory, at: place.directory) }
        }
    }
}

extension CgroupPlan.Step {
    fileprivate func perform(
        in place: borrowing Directory,
        at path: String
    ) throws(CgroupError) {
        switch self {
        case .makeDirectory(let name, let mayExist):
            try make(name, in: place, at: path, mayExist: mayExist)
        case .write(let name, let values):
            try write(values, to: name, in: place, at: path)
        case .restrictDevices(let name, let rules):
            do throws(Errno) {
                try place.directory(name).attachDeviceProgram(DeviceProgram(rules).instructions)
            } catch {
                throw .devicePolicy("\(path)/\(name)", error)
            }
        }
    }

    private func make(
        _ name: String,
        in place: borrowing Directory,
        at path: String,
        mayExist: Bool
    ) throws(CgroupError) {
        do throws(Errno) {
            guard let slash = name.lastIndex(of: "/") else {
                return try place.makeDirectory(name, mode: 0o755)
            }
            try place.directory(String(name[..<slash]))
                .makeDirectory(String(name[name.index(after: slash)...]), mode: 0o755)
        } catch {
            if mayExist, error == .exists { return }
            throw .makeDirectory("\(path)/\(name)", error)
        }
    }

    private func write(
        _ values: [String],
        to name: String,
        in place: borrowing Directory,
        at path: String
    ) throws(CgroupError) {
        var current = values.first ?? ""
        do throws(Errno) {
            let file = try place.open(name, .writeOnly)
            for value in values {
                current = value
                try file.write(Array(value.utf8))
            }
        } catch {
            throw .write(file: "\(path)/\(name)", value: current, error)
        }
    }
}
