internal import CFreestanding
internal import CStage1Plan

/// Carries out the steps of a plan, in order, in the process that they are about.
struct Steps {
    /// The app's root, once a step has made it.
    private(set) var root: Root?
    /// The app's side of its terminal, and the side that goes to the supervisor.
    private(set) var terminal: (replica: Int32, master: Int32)?
    private var emptyDirectory: Mount?

    /// Carries out one step.
    ///
    /// - Returns: whether the record was a step.
    mutating func perform(_ kind: plan_kind, _ record: PlanReader) throws(Failure) -> Bool {
        var record = record
        switch kind {
        case plan_join_cgroup: try write("0", to: record.text())
        case plan_unshare: try check(k_unshare(record.descriptor()), "cannot leave namespaces")
        case plan_hostname:
            let name = record.text()
            try check(
                unsafe k_sethostname(name.pointer, name.count),
                "cannot set the hostname",
                name
            )
        case plan_loopback: try check(k_loopback_up(), "cannot bring up the loopback interface")
        case plan_write: try writeFile(&record)
        case plan_overlay: try mountOverlay(&record)
        case plan_bind_root: try bindRoot(&record)
        case plan_mount: try mount(&record)
        case plan_mount_host: try mountOnHostPath(&record)
        case plan_bind: try bind(&record, inside: false)
        case plan_bind_inside: try bind(&record, inside: true)
        case plan_directory: try makeDirectory(&record)
        case plan_symlink: try makeLink(&record)
        case plan_node: try makeNode(&record)
        case plan_mask: try mask(record.text())
        case plan_read_only: try makeReadOnly(record.text())
        case plan_enter_root: try enterRoot(record.integer())
        case plan_copy_up: try copyUp(&record)
        case plan_console: try makeConsole()
        case plan_keyring: _ = k_new_keyring()
        case plan_limit: setLimit(&record)
        case plan_oom_score: try write(record.text(), to: "/proc/self/oom_score_adj")
        default: return false
        }
        return true
    }

    /// The root, which earlier steps must have made.
    func rootOfApp() throws(Failure) -> Root {
        guard let root else {
            throw Failure(step: "no root yet", subject: "", error: Failure.invalid)
        }
        return root
    }

    // MARK: Roots

    private mutating func mountOverlay(_ record: inout PlanReader) throws(Failure) {
        let target = record.text()
        let attributes = record.integer()
        let upper = record.text()
        let work = record.text()
        let lowers = record.list()
        let place = try openHandle(target)
        let overlay = try Mount.overlay(
            lowers: lowers,
            upper: upper,
            work: work,
            attributes: attributes
        )
        if let overlay {
            try overlay.place(over: place, target)
            root = Root(directory: overlay.descriptor)
        } else {
            root = try OldOverlay(lowers: lowers, upper: upper, work: work)
                .mount(on: target, attributes)
        }
        _ = k_close(place)
    }

    private mutating func bindRoot(_ record: inout PlanReader) throws(Failure) {
        let target = record.text()
        let source = record.text()
        let attributes = record.integer()
        let place = try openHandle(target)
        let from = try openHandle(source)
        let mount = try Mount.clone(from)
        try mount.add(attributes)
        try mount.place(over: place, target)
        root = Root(directory: mount.descriptor)
    }

    private mutating func enterRoot(_ attributes: UInt64) throws(Failure) {
        let root = try rootOfApp()
        let mount = Mount(descriptor: root.directory)
        try mount.becomeRoot()
        try mount.add(attributes)
    }

    // MARK: Mounts

    private func mount(_ record: inout PlanReader) throws(Failure) {
        let type = record.text()
        let target = record.text()
        let mode = UInt32(truncatingIfNeeded: record.integer())
        let attributes = record.integer()
        let isOptional = record.flag()
        let mount: Mount
        do throws(Failure) {
            mount = try Mount.make(type, options: &record, attributes: attributes)
        } catch {
            if isOptional { return }
            throw error
        }
        // A link in the place of /proc or /sys would put the file system where the image wants it (CVE-2019-19921).
        let place = try rootOfApp().target(target, .directory(mode), follow: false)
        try mount.place(over: place, target)
        _ = k_close(place)
        _ = k_close(mount.descriptor)
    }

    private func mountOnHostPath(_ record: inout PlanReader) throws(Failure) {
        let type = record.text()
        let target = record.text()
        let attributes = record.integer()
        let mount = try Mount.make(type, options: &record, attributes: attributes)
        let place = try openHandle(target)
        try mount.place(over: place, target)
    }

    private func bind(_ record: inout PlanReader, inside: Bool) throws(Failure) {
        let source = record.text()
        let target = record.text()
        let attributes = record.integer()
        let flags = UInt32(truncatingIfNeeded: record.integer())
        let root = try rootOfApp()
        let isOptional = flags & plan_bind_optional.rawValue != 0
        let opened =
            inside
            ? root.handle(source)
            : unsafe k_openat(-100, source.pointer, 0o12000000, 0)
        if isOptional, opened == -Int(Failure.notFound) { return }
        let from = try check(opened, "cannot open", source)
        defer { _ = k_close(from) }
        let follow = flags & plan_bind_last_name.rawValue == 0
        if isOptional, root.handle(target, follow: follow) < 0 { return }
        if flags & plan_bind_if_absent.rawValue != 0, root.handle(target, follow: false) >= 0 {
            return
        }
        let isRecursive = flags & plan_bind_recursive.rawValue != 0
        let mount = try Mount.clone(from, recursive: isRecursive)
        try mount.add(attributes, recursive: isRecursive)
        defer { _ = k_close(mount.descriptor) }
        let kind: Root.Kind = flags & plan_bind_file.rawValue != 0 ? .file : .directory(0o755)
        let place: Int32
        do throws(Failure) {
            place = try root.target(target, kind, follow: follow)
        } catch {
            guard error.error == Failure.readOnly,
                flags & plan_bind_unless_read_only.rawValue != 0
            else { throw error }
            return
        }
        try mount.place(over: place, target)
        _ = k_close(place)
    }

    private mutating func mask(_ path: Text) throws(Failure) {
        let root = try rootOfApp()
        let found = root.handle(path, follow: false)
        if found < 0 { return }
        let place = Int32(truncatingIfNeeded: found)
        defer { _ = k_close(place) }
        guard let status = Status(of: place), !status.isLink else { return }
        if status.isDirectory {
            let mount: Mount
            if let emptyDirectory {
                mount = try Mount.clone(emptyDirectory.descriptor)
            } else {
                mount = try Steps.makeEmptyDirectory()
                emptyDirectory = mount
            }
            try mount.place(over: place, path)
        } else {
            try emptyFile(root).place(over: place, path)
        }
    }

    /// The app's null device; the host's where the operator has put a volume over all of `/dev`.
    private func emptyFile(_ root: Root) throws(Failure) -> Mount {
        // What is there may be anything; ours is character device 1:3 (CVE-2025-31133).
        if let own = try null(root.handle("/dev/null", follow: false)) { return own }
        guard let host = try null(unsafe k_openat(-100, "/dev/null", 0o12000000, 0)) else {
            throw Failure(
                step: "not the null device",
                subject: "/dev/null",
                error: Failure.invalid
            )
        }
        // Nobody in the pod may change its owner or mode.
        try host.add(0x01)
        return host
    }

    private func null(_ opened: Int) throws(Failure) -> Mount? {
        if opened < 0 { return nil }
        let handle = Int32(truncatingIfNeeded: opened)
        defer { _ = k_close(handle) }
        return Status(of: handle)?.isNull == true ? try Mount.clone(handle) : nil
    }

    private static func makeEmptyDirectory() throws(Failure) -> Mount {
        let context = try check(unsafe k_fsopen("tmpfs"), "cannot mount", "tmpfs")
        _ = unsafe k_fsconfig(context, 1, "mode", "0555")
        try check(k_fsconfig(context, 6, nil, nil), "cannot mount", "tmpfs")
        // Read-only, no set-id, no devices, no programs.
        let mount = Mount(descriptor: try check(k_fsmount(context, 0x0F), "cannot mount", "tmpfs"))
        _ = k_close(context)
        return mount
    }

    private func makeReadOnly(_ path: Text) throws(Failure) {
        let found = try rootOfApp().handle(path, follow: false)
        if found < 0 { return }
        let place = Int32(truncatingIfNeeded: found)
        defer { _ = k_close(place) }
        guard Status(of: place)?.isLink == false else { return }
        let mount = try Mount.clone(place, recursive: true)
        try mount.add(0x01, recursive: true)
        try mount.place(over: place, path)
        _ = k_close(mount.descriptor)
    }

    // MARK: Files

    private func makeDirectory(_ record: inout PlanReader) throws(Failure) {
        let path = record.text()
        let mode = UInt32(truncatingIfNeeded: record.integer())
        let root = try rootOfApp()
        let found = root.handle(path)
        if found >= 0 {
            _ = k_close(Int32(truncatingIfNeeded: found))
            return
        }
        try root.make(path, .directory(mode))
    }

    private func makeLink(_ record: inout PlanReader) throws(Failure) {
        let target = record.text()
        let path = record.text()
        let ifAbsent = record.flag()
        let last = try rootOfApp().openParent(of: path)
        defer { _ = k_close(last.parent) }
        let made = unsafe k_symlinkat(target.pointer, last.parent, last.name.pointer)
        if ifAbsent, made == -Int(Failure.exists) || made == -Int(Failure.readOnly) { return }
        try check(made, "cannot make the link", path)
    }

    private func makeNode(_ record: inout PlanReader) throws(Failure) {
        let path = record.text()
        let mode = UInt32(truncatingIfNeeded: record.integer())
        let major = UInt32(truncatingIfNeeded: record.integer())
        let minor = UInt32(truncatingIfNeeded: record.integer())
        let last = try rootOfApp().openParent(of: path)
        defer { _ = k_close(last.parent) }
        try check(
            unsafe k_mknodat(last.parent, last.name.pointer, mode, major, minor),
            "cannot make the device",
            path
        )
    }

    private func writeFile(_ record: inout PlanReader) throws(Failure) {
        let path = record.text()
        let text = record.text()
        let isOptional = record.flag()
        do throws(Failure) { try write(text, to: path) } catch { if !isOptional { throw error } }
    }

    private func write(_ text: Text, to path: Text) throws(Failure) {
        let file = try check(unsafe k_openat(-100, path.pointer, 0o2000001, 0), "cannot open", path)
        defer { _ = k_close(file) }
        try check(unsafe k_write(file, text.pointer, text.count), "cannot write", path)
    }

    private func copyUp(_ record: inout PlanReader) throws(Failure) {
        let path = record.text()
        let destination = record.text()
        let found = try rootOfApp().handle(path)
        if found < 0 { return }
        let source = Int32(truncatingIfNeeded: found)
        defer { _ = k_close(source) }
        guard Status(of: source)?.isDirectory == true else { return }
        let target = try check(
            unsafe k_openat(-100, destination.pointer, 0o2200000, 0),
            "cannot open",
            destination
        )
        defer { _ = k_close(target) }
        try TreeCopy.copy(directory: source, to: target, depth: 0)
    }

    // MARK: Others

    private mutating func makeConsole() throws(Failure) {
        let root = try rootOfApp()
        let devices = try check(root.handle("/dev/pts", follow: false), "cannot open", "/dev/pts")
        var replica: Int32 = -1
        let master = try check(unsafe k_open_terminal(devices, &replica), "cannot make a terminal")
        // The first terminal of a new devpts is number 0.
        let place = try root.target("/dev/console", .file, follow: false)
        let own = try check(root.handle("/dev/pts/0", follow: false), "cannot open", "/dev/pts/0")
        try Mount.clone(own).place(over: place, "/dev/console")
        for descriptor in [devices, place, own] { _ = k_close(descriptor) }
        terminal = (replica, master)
    }

    private func setLimit(_ record: inout PlanReader) {
        let resource = record.descriptor()
        let soft = record.integer()
        let hard = record.integer()
        if k_set_limit(resource, soft, hard) == 0 { return }
        // Raising needs CAP_SYS_RESOURCE, which root may lack: take what the host allows.
        var oldSoft: UInt64 = 0
        var oldHard: UInt64 = 0
        guard unsafe k_get_limit(resource, &oldSoft, &oldHard) == 0 else { return }
        let limit = min(hard, oldHard)
        _ = k_set_limit(resource, min(soft, limit), limit)
    }
}
