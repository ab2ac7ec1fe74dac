internal import CFreestanding
internal import CStage1Plan

/// What becomes of a process: the one way into a pod, for apps, handlers and `enter` alike (R6).
///
/// The order is fixed: cgroup, namespaces and root have been joined by steps before; then working directory, label,
/// bounding set, groups, ids, capabilities, no_new_privs, the system call filter, the program.
@safe struct Confinement {
    private let arguments: TextList
    private let environment: TextList
    private let workingDirectory: Text
    private let flags: UInt32
    private let user: Text
    private let group: Text
    private let supplementary: (first: PlanReader, count: Int)
    private let bounding: UInt64
    private let effective: UInt64
    private let filter: (start: UnsafePointer<UInt8>, count: Int)
    private let label: Text

    init(_ record: PlanReader) {
        var record = record
        arguments = record.list()
        environment = record.list()
        workingDirectory = record.text()
        flags = UInt32(truncatingIfNeeded: record.integer())
        user = record.text()
        group = record.text()
        let count = record.int()
        supplementary = (record, count)
        for _ in 0..<count { _ = record.integer() }
        bounding = record.integer()
        effective = record.integer()
        unsafe filter = record.data()
        label = record.text()
    }

    /// Becomes the plan's program, or a handler's with the same confinement but as user 0.
    ///
    /// - Parameter announce: called when only the last restrictions are left.
    func become(
        in root: Root,
        handler: TextList? = nil,
        announce: () -> Void
    ) throws(Failure) -> Never {
        let identity = try handler == nil ? resolveIdentity(in: root) : Identity()
        try enterWorkingDirectory(in: root)
        _ = k_umask(0o022)
        // Nothing that is open here may reach the app (CVE-2024-21626); streams 0 to 2 are its own.
        try check(k_close_range(3, .max, 4), "cannot close descriptors")
        try setLabel(in: root)
        try restrictBoundingSet()
        if !has(plan_process_keep_groups) {
            try unsafe check(
                k_set_groups(identity.groupCount, identity.groups),
                "cannot set the groups"
            )
        }
        try checkMapping(k_set_group(identity.gid), of: identity.gid, "group")
        if identity.uid != 0 {
            try checkMapping(k_set_user(identity.uid), of: identity.uid, "user")
        }
        announce()
        try restrict(identity.uid)
        let program = handler ?? arguments
        let error = execute(program)
        throw Failure(step: Failure.notExecuted, subject: program[0], error: error)
    }

    private func resolveIdentity(in root: Root) throws(Failure) -> Identity {
        var identity = try Identity(
            user: user,
            group: group,
            takesPrimaryGroup: has(plan_process_primary_group),
            takesGroupsOfUser: has(plan_process_groups_of_user) && supplementary.count == 0,
            in: root
        )
        var reader = supplementary.first
        for _ in 0..<supplementary.count {
            identity.add(group: UInt32(truncatingIfNeeded: reader.integer()))
        }
        return identity
    }

    private func enterWorkingDirectory(in root: Root) throws(Failure) {
        if has(plan_process_make_working_directory), root.handle(workingDirectory) < 0 {
            _ = k_close(try root.target(workingDirectory, .directory(0o755)))
        }
        let directory = try check(
            root.handle(workingDirectory),
            "cannot enter the working directory",
            workingDirectory
        )
        try check(k_fchdir(directory), "cannot enter the working directory", workingDirectory)
        // The kernel says "(unreachable)/…" of a directory outside the root (R4).
        let buffer = unsafe allocate(CChar.self, 4096)
        let length = unsafe k_getcwd(buffer, 4096)
        guard length > 0, unsafe buffer[0] == 0x2F else {
            throw Failure(
                step: "the working directory is outside the root",
                subject: workingDirectory,
                error: Failure.invalid
            )
        }
    }

    /// Asks AppArmor for the profile that holds from the next `execve` on (`man 2 aa_change_onexec`).
    ///
    /// The kernel takes it from a file of `/proc`: it must be that file and no other that an image or
    /// another app has put in its place (CVE-2019-16884, CVE-2025-52881).
    private func setLabel(in root: Root) throws(Failure) {
        if label.isEmpty { return }
        let step: Text = "cannot set the AppArmor profile"
        let processes = try check(root.handle("/proc", follow: false), step, label)
        defer { _ = k_close(processes) }
        var type: UInt64 = 0
        try check(unsafe k_file_system(processes, &type), step, label)
        guard type == Confinement.processFileSystem else {
            throw Failure(step: "not the kernel's", subject: "/proc", error: Failure.invalid)
        }
        var opened = Confinement.openOwn("self/attr/apparmor/exec", in: processes)
        // Kernels before 5.1 have one such file for all security modules.
        if opened == -Int(Failure.notFound) {
            opened = Confinement.openOwn("self/attr/exec", in: processes)
        }
        let file = try check(opened, step, label)
        defer { _ = k_close(file) }
        let request = Text(joining: "exec ", label)
        try check(unsafe k_write(file, request.pointer, request.count), step, label)
    }

    /// `PROC_SUPER_MAGIC`.
    private static let processFileSystem: UInt64 = 0x9FA0

    /// Opens a file of this very mount to write: no link leads away, and nothing mounted over it counts.
    private static func openOwn(_ path: Text, in directory: Int32) -> Int {
        // RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS and RESOLVE_BENEATH.
        unsafe k_openat2(directory, path.pointer, 0o2000001, 0, 0x01 | 0x02 | 0x08)
    }

    private func restrictBoundingSet() throws(Failure) {
        for capability in 0..<UInt64(64) where bounding & 1 << capability == 0 {
            // PR_CAPBSET_DROP; the first number the kernel doesn't know ends the list.
            let result = k_prctl(24, capability, 0)
            if result == -Int(Failure.invalid) { break }
            try check(result, "cannot drop a capability")
        }
        // PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL.
        _ = k_prctl(47, 4, 0)
    }

    private func restrict(_ uid: UInt32) throws(Failure) {
        let isRoot = uid == 0
        let noNewPrivileges = has(plan_process_no_new_privileges) || !isRoot
        if noNewPrivileges {
            let set = isRoot ? effective : 0
            try check(k_set_capabilities(set, set, 0), "cannot set capabilities")
            try check(k_prctl(38, 1, 0), "cannot set no_new_privs")
            try loadFilter()
        } else {
            // Without no_new_privs loading a filter takes CAP_SYS_ADMIN, which the app doesn't get.
            try loadFilter()
            try check(k_set_capabilities(effective, effective, 0), "cannot set capabilities")
        }
    }

    private func loadFilter() throws(Failure) {
        guard unsafe filter.count > 0 else { return }
        try check(
            unsafe k_seccomp(filter.start, filter.count / 8),
            "cannot load the system call filter"
        )
    }

    /// Executes the program, looked up in the app's PATH if its name has no slash.
    private func execute(_ program: TextList) -> Int32 {
        let name = program[0]
        if name.isEmpty { return Failure.notFound }
        if name.contains(0x2F) { return attempt(name, program) }
        var path = searchPath()
        var result = Failure.notFound
        let buffer = unsafe allocate(CChar.self, 4096 + name.count)
        while true {
            var length = 0
            while path[length] != 0, path[length] != 0x3A { length += 1 }
            if length > 0, length < 4000 {
                for index in 0..<length { unsafe buffer[index] = CChar(bitPattern: path[index]) }
                unsafe buffer[length] = 0x2F
                for index in 0...name.count {
                    unsafe buffer[length + 1 + index] = CChar(bitPattern: name[index])
                }
                let error = unsafe attempt(Text(UnsafePointer(buffer)), program)
                if error != Failure.notFound { result = error }
            }
            if path[length] == 0 { return result }
            path = unsafe Text(path.pointer + length + 1)
        }
    }

    private func attempt(_ path: Text, _ program: TextList) -> Int32 {
        let result = unsafe k_execve(path.pointer, program.pointers, environment.pointers)
        return Int32(truncatingIfNeeded: -result)
    }

    private func searchPath() -> Text {
        for index in 0..<environment.count {
            let entry = environment[index]
            if entry[0] == 0x50, entry[1] == 0x41, entry[2] == 0x54, entry[3] == 0x48,
                entry[4] == 0x3D
            {
                return unsafe Text(entry.pointer + 5)
            }
        }
        return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    }

    /// In a user namespace the kernel refuses ids that it wasn't given as invalid arguments.
    private func checkMapping(_ result: Int, of id: UInt32, _ kind: Text) throws(Failure) {
        guard result == -Int(Failure.invalid) else {
            try check(result, Text(joining: "cannot set the ", kind))
            return
        }
        let number = Text(Int(id))
        throw Failure(
            step: Text(
                joining: "this user has no id for ",
                kind,
                " ",
                number,
                " (add some to /etc/subuid and /etc/subgid)"
            ),
            subject: "",
            error: 0
        )
    }

    private func has(_ flag: plan_process_flag) -> Bool { flags & flag.rawValue != 0 }
}
