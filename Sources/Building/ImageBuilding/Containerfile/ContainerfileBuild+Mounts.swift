internal import AppContainer
internal import Containerfiles
internal import Linux

extension ContainerfileBuild {
    /// A secret of the builder's.
    package struct Secret: Sendable, CustomStringConvertible {
        /// What it is.
        package let bytes: [UInt8]

        /// Keeps a secret.
        package init(_ bytes: [UInt8]) { self.bytes = bytes }

        package var description: String { "(secret)" }
    }

    /// A mount with its variables replaced and its files found.
    struct PlannedMount {
        let mount: RunMount
        let files: (found: FoundFile, source: CopySource)?
        /// What the step's result depends on: neither what is in a cache nor what is secret.
        let key: String
    }

    /// What is there as long as a step runs.
    final class AttachedMounts {
        fileprivate var temporary: [Workshop.TemporaryName] = []
        fileprivate var caches: [Cache] = []

        fileprivate final class Cache {
            let name: String
            let lock: Directory
            init(_ name: String, _ lock: consuming Directory) {
                self.name = name
                self.lock = lock
            }
        }

        /// Takes away what nobody keeps.
        func release(_ workshop: borrowing Workshop) {
            for name in temporary { workshop.remove(name) }
            caches = []
        }
    }

    /// Finds what the mounts of a step show.
    func plan(
        _ mounts: [RunMount],
        before index: Int,
        _ state: StageState
    ) throws -> [PlannedMount] {
        func expand(_ text: String) throws -> String {
            try Words.expand(text, escape: file.escape) { state.value($0) }
        }
        return try mounts.map { written in
            var mount = written
            mount.target = try written.target.map { absolute(try expand($0), state) }
            mount.id = try expand(written.id)
            let text =
                "\(mount.target ?? "") \(mount.mode) \(mount.uid) \(mount.gid) \(mount.isReadOnly)"
            switch mount.kind {
            case .bind(let from, let path):
                let source = try source(from.map(expand), before: index)
                let found = try source.find(expand(path))
                guard found.count == 1 else {
                    throw BuildError.invalid("\"\(path)\" is more than one file")
                }
                let key =
                    try source.key.map { "\($0) \(found[0].text)" }
                    ?? source.digest(of: found[0], .contents)
                return PlannedMount(
                    mount: mount,
                    files: (found[0], source),
                    key: "bind \(text) \(key)"
                )
            case .cache, .temporary: return PlannedMount(mount: mount, files: nil, key: text)
            case .secret(_, let variable):
                let key = "secret \(text) \(mount.id) \(variable ?? "")"
                return PlannedMount(mount: mount, files: nil, key: key)
            }
        }
    }

    /// Makes what the mounts show and gives it to a run.
    func attach(_ planned: [PlannedMount], to run: inout StepRun) throws -> AttachedMounts {
        let attached = AttachedMounts()
        do {
            for plan in planned { try attach(plan, to: &run, attached) }
        } catch {
            attached.release(workshop)
            throw error
        }
        return attached
    }

    private func attach(
        _ plan: PlannedMount,
        to run: inout StepRun,
        _ attached: AttachedMounts
    ) throws {
        let mount = plan.mount
        let kind: Volume.Kind
        switch mount.kind {
        case .bind:
            guard let files = plan.files else { return }
            let path = try copy(files.found, of: files.source, attached)
            kind = .host(source: path, isRecursive: nil)
        case .cache(let sharing):
            kind = .host(source: try cache(mount, sharing, attached), isRecursive: nil)
        case .temporary: kind = .empty(mode: 0o1777, uid: 0, gid: 0)
        case .secret(let isRequired, let variable):
            guard let secret = options.secrets[mount.id] else {
                guard !isRequired else {
                    throw BuildError.invalid("there is no secret \"\(mount.id)\" (see --secret)")
                }
                return
            }
            if let variable {
                let value = String(decoding: secret.bytes, as: UTF8.self)
                guard let pair = EnvironmentVariable(name: variable, value: value) else {
                    throw BuildError.invalid("the secret \"\(mount.id)\" can't be a variable")
                }
                run.app.environment.append(pair)
            }
            guard mount.target != nil else { return }
            kind = .host(source: try write(secret, mount, attached), isRecursive: nil)
        }
        guard let target = mount.target else { return }
        run.volumes.append(
            StepRun.StepVolume(path: target, kind: kind, isReadOnly: mount.isReadOnly)
        )
    }

    /// Copies what is bound: neither can the step write to it, nor can it change under the step, nor does anything that
    /// is ignored show.
    private func copy(
        _ found: FoundFile,
        of source: CopySource,
        _ attached: AttachedMounts
    ) throws -> String {
        let temporary = try workshop.makeTemporary()
        attached.temporary.append(temporary)
        let directory = try workshop.open(temporary)
        let empty = try step("copy what is mounted") { () throws(Errno) in
            try directory.duplicate()
        }
        let root = try workshop.open(temporary)
        var staging = TreeStaging(
            into: empty,
            above: MergedDirectory(layer: root),
            date: date
        )
        if !source.keepsOwners { (staging.attributes.uid, staging.attributes.gid) = (0, 0) }
        staging.isExcluded = { path in
            source.excludes(String(decoding: path, as: UTF8.self), of: found)
        }
        if let name = found.path.last {
            let parent = try source.root.directory(at: Array(found.path.dropLast()))
            try staging.copy(name, in: parent, to: Array("/mounted".utf8))
        } else {
            try staging.copy(nil, in: source.root, to: Array("/mounted".utf8))
        }
        for warning in staging.warnings { warn("warning: \(warning)") }
        return "\(workshop.path)/\(temporary.path)/mounted"
    }

    /// A directory of the workshop that later steps of the same id see too.
    private func cache(
        _ mount: RunMount,
        _ sharing: RunMount.Sharing,
        _ attached: AttachedMounts
    ) throws -> String {
        let key = Self.key("cache", mount.id)
        for number in 0..<1000 {
            let name = number == 0 ? key : "\(key)-\(number)"
            let path = "\(workshop.path)/caches/\(name)"
            // A lock that this step holds would be in its own way.
            if attached.caches.contains(where: { $0.name == name }) { return path }
            let directory = try step("make a cache") { () throws(Errno) in
                let caches = try workshop.directory.makingDirectories("caches", mode: 0o700)
                if !caches.contains(name) {
                    do throws(Errno) {
                        try caches.makeDirectory(name)
                    } catch { guard error == .exists else { throw error } }
                    let made = try caches.directory(name)
                    try own { () throws(Errno) in
                        try made.descriptor.setOwner(uid: mount.uid, gid: mount.gid)
                    }
                    try made.descriptor.setPermissions(mount.mode)
                }
                return try caches.directory(name)
            }
            let isOurs = try step("lock a cache") { () throws(Errno) in
                switch sharing {
                case .shared: try directory.descriptor.lock(.shared)
                case .locked: try directory.descriptor.lock(.exclusive)
                case .private: return try directory.descriptor.tryLock(.exclusive)
                }
                return true
            }
            guard isOurs else { continue }
            attached.caches.append(AttachedMounts.Cache(name, directory))
            return path
        }
        throw BuildError.invalid("the cache \"\(mount.id)\" is in use a thousand times")
    }

    /// Writes a secret where nobody else can read it; it goes when the step ends.
    private func write(
        _ secret: Secret,
        _ mount: RunMount,
        _ attached: AttachedMounts
    ) throws -> String {
        let temporary = try workshop.makeTemporary()
        attached.temporary.append(temporary)
        let directory = try workshop.open(temporary)
        try step("hand over a secret") { () throws(Errno) in
            let file = try directory.open("secret", [.writeOnly, .create, .exclusive], mode: 0o600)
            try file.write(secret.bytes)
            try own { () throws(Errno) in try file.setOwner(uid: mount.uid, gid: mount.gid) }
            try file.setPermissions(mount.mode)
        }
        return "\(workshop.path)/\(temporary.path)/secret"
    }
}
