/// Paths of `/proc` and `/sys` that tell about the host or change it: what Docker, podman and rkt hide, together.
enum ProtectedPaths {
    /// What an app finds empty.
    static let hidden = [
        "/proc/acpi", "/proc/asound", "/proc/config.gz", "/proc/interrupts", "/proc/kallsyms",
        "/proc/kcore", "/proc/keys", "/proc/kmem", "/proc/latency_stats", "/proc/mem",
        "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
        "/sys/dev/block", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/hypervisor",
        "/sys/module", "/sys/power",
    ]

    /// What an app can only read; `/sys` is read-only as a whole.
    static let readOnly = [
        "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
    ]

    /// Counters that tell what other programs do (moby GHSA-6fw5-f8r9-fgfm), one for each processor.
    static func throttling(processors: Int) -> [String] {
        (0..<processors).map { "/sys/devices/system/cpu/cpu\($0)/thermal_throttle" }
    }
}
