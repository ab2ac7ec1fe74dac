import TestSupport
import Testing

extension Functional {
    /// `ip netns exec` hides the cgroup file systems of whoever it starts behind a new `/sys`.
    @Suite struct HiddenCgroups {
        /// What `ip netns exec` does, without a name for the namespace.
        private func hiding(_ command: String...) throws -> Outcome {
            let script = "umount -l /sys && mount -t sysfs sysfs /sys && exec \"$@\""
            let prefix = ["/usr/bin/unshare", "--mount", "--net", "/bin/sh", "-ec", script, "sh"]
            return try Execution(prefix + command).finished(within: 30)
        }

        @Test func aPodIsConfinedAllTheSame() throws {
            let rkt = try Rkt.withBusybox()
            let hidden = try hiding("/bin/ls", "/sys/fs/cgroup")
            #expect(hidden.succeeded && hidden.output.isEmpty, "\(hidden)")
            let outcome = try hiding(
                Rkt.program,
                "--dir=\(rkt.data)",
                "run",
                "--net=none",
                busybox,
                "--memory=64Mi",
                "--exec=/bin/sh",
                "--",
                "-c",
                "cat /proc/self/cgroup; /bin/busybox mknod /tmp/sda b 8 0 && cat /tmp/sda"
            )
            #expect(outcome.code == 1, "\(outcome)")
            #expect(outcome.errors.contains("not permitted"), "\(outcome)")
        }

        @Test func podsOfBothSidesAreEnteredAndRemovedFromBoth() throws {
            let rkt = try Rkt.withBusybox()
            let pod = try rkt.startPod(["--net=none", busybox, "--exec=/bin/sleep", "--", "600"])
            let enter = try hiding(Rkt.program, "--dir=\(rkt.data)", "enter", pod.uuid, "/bin/true")
            #expect(enter.succeeded, "\(enter)")
            let stop = try hiding(Rkt.program, "--dir=\(rkt.data)", "stop", "--force", pod.uuid)
            #expect(stop.succeeded, "\(stop)")
            _ = pod.execution.finished(within: 15)
            let remove = try hiding(Rkt.program, "--dir=\(rkt.data)", "rm", pod.uuid)
            #expect(remove.succeeded, "\(remove)")
        }
    }
}
