// The bpf(2) commands that give a version 2 cgroup its device policy.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Loads a BPF_PROG_TYPE_CGROUP_DEVICE program (8 bytes an instruction) and attaches it to the cgroup directory.
int linux_attach_device_program(int cgroup, const uint64_t *instructions, size_t count);
