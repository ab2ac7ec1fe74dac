#define _GNU_SOURCE
#include "CLinuxInodeFlags.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

int linux_clear_removal_flags(int fd) {
    unsigned int flags = 0;
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0) return -errno;
    if (!(flags & (FS_IMMUTABLE_FL | FS_APPEND_FL))) return 0;
    flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
    return ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0 ? -errno : 1;
}
