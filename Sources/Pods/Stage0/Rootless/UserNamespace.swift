internal import Linux

/// The making of a user namespace in which the caller is root.
struct UserNamespace {
    let uid: UInt32
    let gid: UInt32

    /// A namespace with the caller as its only user, which needs nobody's help.
    func makeWithOneUser() throws(Stage0Error) {
        try unshare()
        do throws(Errno) {
            // Without this the kernel lets nobody write a group map: dropping a group may widen rights.
            try write("setgroups", "deny")
            try write("uid_map", "0 \(uid) 1\n")
            try write("gid_map", "0 \(gid) 1\n")
        } catch {
            throw .userNamespace(remedy(error))
        }
    }

    /// A namespace with the caller's subordinate ids.
    func make(
        _ programs: MappingPrograms,
        users: [IDMapping],
        groups: [IDMapping]
    ) throws(Stage0Error) {
        let pid = CurrentProcess.pid
        do throws(Errno) {
            // Only a process outside may write such a map, and only after the namespace exists.
            let pipe = try Pipe()
            guard let helper = try Child.fork() else {
                let go = try? pipe.readingEnd().read(upTo: 1)
                let isMapped = go?.count == 1 && programs.map(pid, users: users, groups: groups)
                CurrentProcess.exit(isMapped ? 0 : 1)
            }
            let start = pipe.writingEnd()
            try CurrentProcess.unshare(.user)
            try start.write([1])
            if try helper.wait() == .exited(0) { return }
        } catch {
            throw .userNamespace(remedy(error))
        }
        throw .userNamespace(
            "newuidmap or newgidmap refused the ids of /etc/subuid and /etc/subgid "
                + "(see newuidmap(1): they must be set-uid root)"
        )
    }

    private func unshare() throws(Stage0Error) {
        do throws(Errno) {
            try CurrentProcess.unshare(.user)
        } catch {
            throw .userNamespace(remedy(error))
        }
    }

    private func write(_ file: String, _ text: String) throws(Errno) {
        try Descriptor.open("/proc/self/" + file, .writeOnly).write(Array(text.utf8))
    }

    /// What forbids the namespace, by the name under which the administrator finds it.
    private func remedy(_ error: Errno) -> String {
        let settings = [
            ("kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"),
            (
                "kernel/apparmor_restrict_unprivileged_userns", "1",
                "sysctl kernel.apparmor_restrict_unprivileged_userns=0"
            ),
            ("user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=15000"),
        ]
        for (file, blocking, remedy) in settings {
            let value = try? readHostFile("/proc/sys/" + file, limit: 64)
            if let value, value.prefix(while: { $0 != 0x0A }).elementsEqual(blocking.utf8) {
                return "\(error); this system forbids them to ordinary users: set \(remedy), "
                    + "or run as root"
            }
        }
        return "\(error); run as root, or see user_namespaces(7) for what may forbid them"
    }
}
