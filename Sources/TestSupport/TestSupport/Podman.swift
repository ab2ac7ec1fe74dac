/// Debian's podman with storage and settings of a test's own.
package struct Podman: Sendable {
    private let scratch: Scratch

    /// An empty one.
    package init() throws {
        scratch = try Scratch()
        try scratch.write(
            """
            [containers]
            default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
            [engine]
            cgroup_manager = "cgroupfs"
            events_logger = "none"

            """,
            to: "containers.conf"
        )
    }

    /// Runs a command that must succeed, and returns what it printed.
    @discardableResult
    package func callAsFunction(_ arguments: String...) throws -> String {
        let storage = [
            "--root=\(scratch("root"))", "--runroot=\(scratch("run"))", "--storage-driver=vfs",
        ]
        // crun refuses to run beside a version 2 hierarchy that has controllers; it needn't see that one.
        let script = "umount -q /sys/fs/cgroup/unified 2>/dev/null; exec podman \"$@\""
        return try tool(
            ["CONTAINERS_CONF=\(scratch("containers.conf"))", "unshare", "--mount"]
                + ["sh", "-c", script, "podman"] + storage + arguments
        )
    }

    /// Runs a container of an image and returns what it printed.
    package func run(_ image: String) throws -> String {
        try self("run", "--rm", "--network=none", "--cgroups=disabled", image)
    }
}
