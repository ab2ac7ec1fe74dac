internal import Linux

/// How an ordinary user's command gets what it needs: a user namespace in which they are root.
///
/// The code after it is the same as root's. What the kernel still forbids there (making device nodes,
/// limiting devices) is a fact in ``HostFacts``.
package enum Rootless {
    /// Moves this process into a user namespace of its own, if the caller isn't root.
    ///
    /// With subordinate ids and newuidmap(1) the pod has its usual 65,536 users; without them only one,
    /// and the returned sentence says so.
    package static func enter() throws(Stage0Error) -> String? {
        let uid = CurrentProcess.effectiveUser
        guard uid != 0 else { return nil }
        let user = UserNamespace(uid: uid, gid: CurrentProcess.group)
        guard let programs = MappingPrograms.find() else {
            try user.makeWithOneUser()
            return "newuidmap and newgidmap are not installed, so the pod has a single user; "
                + "install them (Debian: uidmap) for images with several users"
        }
        let (users, groups) = (subordinate("/etc/subuid", uid), subordinate("/etc/subgid", uid))
        if users.isEmpty || groups.isEmpty {
            try user.makeWithOneUser()
            return "user \(uid) has no ids in /etc/subuid and /etc/subgid, so the pod has a single "
                + "user; add them (usermod --add-subuids, --add-subgids) for images with several users"
        }
        try user.make(
            programs,
            users: IDMapping.map(user.uid, users),
            groups: IDMapping.map(user.gid, groups)
        )
        return nil
    }

    /// Moves this process into the user namespace of a running pod, if the caller isn't root.
    package static func join(supervisor: Int32) throws(Stage0Error) {
        guard CurrentProcess.effectiveUser != 0 else { return }
        do throws(Errno) {
            try CurrentProcess.join(ProcessHandle(pid: supervisor).descriptor, .user)
        } catch {
            throw .system("join the pod's user namespace", error)
        }
    }

    private static func subordinate(_ file: String, _ uid: UInt32) -> [SubordinateRange] {
        let passwd = (try? readHostFile("/etc/passwd", limit: 1 << 20)) ?? []
        let bytes = (try? readHostFile(file, limit: 1 << 20)) ?? []
        let name = SubordinateIDs.userName(of: uid, in: passwd)
        return SubordinateIDs.ranges(in: bytes, userName: name, uid: uid)
    }
}

/// The set-uid programs that may write a map of several ids for us.
struct MappingPrograms {
    let users: String
    let groups: String

    static func find() -> MappingPrograms? {
        for directory in ["/usr/bin", "/bin", "/usr/local/bin", "/run/wrappers/bin"] {
            guard let found = try? Directory(path: directory), found.contains("newuidmap"),
                found.contains("newgidmap")
            else { continue }
            return MappingPrograms(
                users: directory + "/newuidmap",
                groups: directory + "/newgidmap"
            )
        }
        return nil
    }

    /// Runs both on a process; false if one refuses.
    func map(_ pid: Int32, users: [IDMapping], groups: [IDMapping]) -> Bool {
        run(self.users, pid, users) && run(self.groups, pid, groups)
    }

    private func run(_ program: String, _ pid: Int32, _ map: [IDMapping]) -> Bool {
        let numbers = map.flatMap { [$0.inside, $0.outside, $0.count] }
        let arguments = [program, String(pid)] + numbers.map { String($0) }
        let child = try? Child.spawn(program, arguments: arguments, environment: [])
        return (try? child?.wait()) == .exited(0)
    }
}
