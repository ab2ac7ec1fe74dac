/// The engine's own AppArmor profile, `rkt-default`: a second fence behind mounts, capabilities and filter.
///
/// It needs no file of the host, so that any AppArmor from 3.0 on takes it (`man 5 apparmor.d`).
enum AppArmorProfile {
    /// What the parser reads.
    ///
    /// Files are judged by their path in the pod: `attach_disconnected` and `mediate_deleted` keep those that
    /// have none any more from slipping through. Process ids are the only names of `/proc` that begin with a digit.
    static let text = """
        profile \(AppArmor.engineProfile) flags=(attach_disconnected,mediate_deleted) {
          file,
          capability,
          network,
          deny network alg,

          # Anybody outside may end an app; an app reaches processes of pods only.
          signal (receive),
          signal (send) peer=\(AppArmor.engineProfile),
          ptrace (trace, tracedby, read, readby) peer=\(AppArmor.engineProfile),

          # Whatever capabilities an app has been given.
          deny mount,
          deny umount,
          deny pivot_root,

          # The kernel's settings; processes have their own below their ids.
          deny /proc/* wlkx,
          deny /proc/[^1-9]*/** wlkx,
          deny /proc/{kcore,kmem,mem,sysrq-trigger} rwlkx,

          # Of /sys only the app's cgroup can be writable.
          deny /sys/[^f]*/** wlkx,
          deny /sys/f[^s]*/** wlkx,
          deny /sys/fs/[^c]*/** wlkx,
          deny /sys/fs/c[^g]*/** wlkx,
          deny /sys/firmware/** rwlkx,
          deny /sys/kernel/security/** rwlkx,
          deny /sys/devices/virtual/powercap/** rwlkx,
        }

        """
}
