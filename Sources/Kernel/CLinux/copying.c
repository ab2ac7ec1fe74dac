#define _GNU_SOURCE
#include "CLinuxCopying.h"

#include <errno.h>
#include <sys/xattr.h>

ssize_t linux_flistxattr(int fd, char *names, size_t size) {
    ssize_t result = flistxattr(fd, names, size);
    return result < 0 ? -errno : result;
}
ssize_t linux_fgetxattr(int fd, const char *name, void *value, size_t size) {
    ssize_t result = fgetxattr(fd, name, value, size);
    return result < 0 ? -errno : result;
}
