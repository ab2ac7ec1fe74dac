#define _GNU_SOURCE
#include "CLinuxBPF.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long bpf(int command, union bpf_attr *attributes) {
    return syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

int linux_attach_device_program(int cgroup, const uint64_t *instructions, size_t count) {
    union bpf_attr load;
    memset(&load, 0, sizeof load);
    load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    load.insns = (uint64_t)(uintptr_t)instructions;
    load.insn_cnt = (uint32_t)count;
    load.license = (uint64_t)(uintptr_t) "Apache-2.0";
    long program = bpf(BPF_PROG_LOAD, &load);
    if (program < 0) return -errno;

    union bpf_attr attach;
    memset(&attach, 0, sizeof attach);
    attach.target_fd = (uint32_t)cgroup;
    attach.attach_bpf_fd = (uint32_t)program;
    attach.attach_type = BPF_CGROUP_DEVICE;
    // Programs of cgroups above stay in force: all of them must agree.
    attach.attach_flags = BPF_F_ALLOW_MULTI;
    int error = bpf(BPF_PROG_ATTACH, &attach) < 0 ? errno : 0;
    close((int)program);
    return -error;
}
