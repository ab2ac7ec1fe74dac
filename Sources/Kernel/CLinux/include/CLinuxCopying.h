// What copying a tree needs beyond CLinux.h: reading extended attributes.
#pragma once

#include <stddef.h>
#include <sys/types.h>

ssize_t linux_flistxattr(int fd, char *names, size_t size);
ssize_t linux_fgetxattr(int fd, const char *name, void *value, size_t size);
