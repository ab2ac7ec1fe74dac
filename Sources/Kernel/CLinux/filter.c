#define _GNU_SOURCE
#include "CLinuxFilter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

int linux_load_filter(const uint64_t *instructions, size_t count) {
    if (count > BPF_MAXINSNS) return -EINVAL;
    struct sock_fprog program = {
        .len = (unsigned short)count,
        .filter = (struct sock_filter *)instructions,
    };
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0 ? -errno : 0;
}
