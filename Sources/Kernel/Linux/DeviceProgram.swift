internal import CLinux

extension Directory {
    /// Gives this version 2 cgroup a device policy: an eBPF program, 8 bytes an instruction.
    ///
    /// The corresponding system call is `bpf` (`BPF_PROG_LOAD`, `BPF_PROG_ATTACH`).
    package func attachDeviceProgram(_ instructions: [UInt64]) throws(Errno) {
        try check(
            unsafe linux_attach_device_program(
                descriptor.number,
                instructions,
                instructions.count
            )
        )
    }
}
