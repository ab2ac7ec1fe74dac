package import AppContainer
internal import Cgroups
internal import ImageStorage
internal import Linux
package import PodLifecycle
internal import Stage1ABI

extension Stage0 {
    /// Starts the pod: this process becomes its supervisor, so this returns only by throwing.
    ///
    /// The supervisor inherits the pod's lock, so nothing can fail between this and the pod's end without the pod
    /// counting as exited.
    package func run(
        _ pod: consuming RunningPod,
        manifest: PodManifest,
        options: StartOptions,
        warn: (String) -> Void
    ) throws {
        CurrentProcess.setFileModeMask(0o022)
        let uuid = pod.uuid
        let directory = Directory(pod.lockDescriptor())
        var host = try HostFacts(manifest: manifest)
        // What this option opens is what the profile closes.
        if !options.insecure.contains(.paths) { try host.appArmor.loadEngineProfile(warn: warn) }
        let roots = try roots(of: manifest, in: directory)
        var network: MadeNetwork?
        do {
            network = try self.network(
                of: uuid,
                manifest,
                options,
                isRootless: host.isRootless,
                in: directory,
                warn: warn
            )
            let run = PodRun(
                uuid: uuid.description,
                manifest: manifest,
                roots: roots,
                host: host,
                options: options.resolving(by: network?.attachments ?? []),
                wires: network?.wires ?? []
            )
            try start(run, uuid, network, directory, warn: warn)
        } catch {
            abandon(network, of: uuid, options, in: directory)
            throw error
        }
    }

    private func start(
        _ run: PodRun,
        _ uuid: PodUUID,
        _ network: MadeNetwork?,
        _ pod: borrowing Directory,
        warn: (String) -> Void
    ) throws {
        let attachments = network?.attachments ?? []
        let names = try writeNames(of: run, uuid, on: attachments, in: pod, warn: warn)
        if run.manifest.apps.count > 1 {
            _ = try step("make the pod's shared memory") { () throws(Errno) in
                try pod.making(DeviceSteps.sharedMemory)
            }
        }
        let cgroup = try PodCgroup.create(run.cgroupRequest) { (paths) throws(CgroupError) in
            try Self.note(paths, in: pod)
        }
        for warning in cgroup.warnings { warn("warning: \(warning)") }
        do {
            let endSteps = names + (network?.endSteps ?? [])
            try start(run, cgroup, network, endSteps, pod, warn: warn)
        } catch {
            // Without a supervisor nobody else would remove them.
            try? CgroupRemoval.remove(cgroup.directories)
            throw error
        }
    }

    /// Writes down where the pod's cgroups will be, for gc.
    private static func note(
        _ paths: [String],
        in pod: borrowing Directory
    ) throws(CgroupError) {
        do throws(Errno) {
            let flags: OpenFlags = [.writeOnly, .create, .truncate]
            let file = try pod.open(PodFile.cgroups, flags, mode: 0o644)
            try file.write(Array(paths.map { "\($0)\n" }.joined().utf8))
        } catch {
            throw .record(error)
        }
    }

    private func start(
        _ run: PodRun,
        _ cgroup: PodCgroup,
        _ network: MadeNetwork?,
        _ endSteps: [EndStep],
        _ pod: borrowing Directory,
        warn: (String) -> Void
    ) throws {
        let program = try stage1(of: pod)
        let initial = try cgroup.initialDirectory.map(Self.inherited)
        var descriptors = PodPlan.Descriptors(
            lock: pod.descriptor.number,
            podDirectory: pod.descriptor.number,
            program: program.number,
            cgroup: initial,
            serviceManager: Self.serviceManager(warn: warn)
        )
        descriptors.network = network?.pod
        descriptors.hostNetwork = network?.host
        let planned = try run.plan(
            cgroup: cgroup,
            descriptors: descriptors,
            endSteps: endSteps
        )
        for warning in planned.warnings { warn("warning: \(warning)") }
        let bytes = planned.plan.encoded()
        try step("write the pod's state") { () throws(Errno) in
            try pod.createFile(PodFiles.plan, bytes)
            let supervisor = "\(CurrentProcess.pid)\n"
            try pod.createFile(PodFile.supervisor, Array(supervisor.utf8), mode: 0o644)
        }
        let plan = try Descriptor.sealedMemory(name: "plan", bytes)
        try pod.descriptor.keepOnExec()
        try CurrentProcess.changeDirectory(to: pod)
        try execute("run", plan: plan, program: program)
    }

    /// Opens a directory for the program that this process becomes.
    private static func inherited(_ path: String) throws(Stage0Error) -> Int32 {
        try step("open \"\(path)\"") { () throws(Errno) in
            let directory = try Descriptor.open(path, .directory)
            try directory.keepOnExec()
            return directory.release()
        }
    }

    /// Connects the supervisor to whoever waits for the pod; a pod runs without being waited for.
    private static func serviceManager(warn: (String) -> Void) -> Int32? {
        do throws(Errno) {
            guard let socket = try ServiceManager.socket() else { return nil }
            try socket.keepOnExec()
            return socket.release()
        } catch {
            warn("warning: cannot reach the service manager (NOTIFY_SOCKET): \(error)")
            return nil
        }
    }

    /// A copy of a pod's stage1 that nobody can change: what is inside a pod must never be the installed file (R5).
    func stage1(of pod: borrowing Directory) throws(Stage0Error) -> Descriptor {
        var path = library + "/stage1"
        do throws(Errno) {
            path = String(decoding: try pod.readFile(PodFiles.stage1), as: UTF8.self)
        } catch {
            guard error == .noSuchFile else { throw .system("read the pod's stage1", error) }
        }
        // It may have been replaced since the pod was made.
        if path != library + "/stage1" { path = try Self.stage1(at: path) }
        do throws(Errno) {
            return try Descriptor.sealedCopy(ofProgram: path)
        } catch {
            throw .program(path, error)
        }
    }

    /// Becomes stage1, which gets the plan and its own program; returns only by throwing.
    func execute(
        _ verb: String,
        plan: borrowing Descriptor,
        program: borrowing Descriptor
    ) throws(Stage0Error) {
        let arguments = Stage1Program.arguments(verb, plan: plan.number)
        do throws(Errno) {
            try plan.keepOnExec()
            try program.keepOnExec()
            try CurrentProcess.execute(program, arguments: arguments, environment: [])
        } catch {
            throw .system("start stage1", error)
        }
    }

    /// What each app's root is made of: a copy if `--no-overlay` made one, else the layers in its file.
    private func roots(
        of manifest: PodManifest,
        in pod: borrowing Directory
    ) throws(Stage0Error) -> [AppRoot] {
        var roots: [AppRoot] = []
        for app in manifest.apps {
            if pod.contains(AppRoot.copyPath(app.name.text)) {
                roots.append(.copy)
                continue
            }
            let file = "\(PodFiles.app(app.name))/\(PodFiles.layers)"
            let bytes = try step("read \"\(file)\" of the pod") { () throws(Errno) in
                try pod.readFile(file)
            }
            let names = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
            // The names become paths: a damaged file must not make another directory the app's root.
            guard !names.isEmpty, names.allSatisfy({ LayerID($0) != nil }) else {
                throw Stage0Error.app(app.name.text, reason: "\"\(file)\" of the pod is damaged")
            }
            roots.append(.layers(names))
        }
        return roots
    }
}
