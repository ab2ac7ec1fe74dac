// What unpacking an archive needs beyond CLinux.h: positioned writes, the file mode mask, dropping capabilities, Landlock.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

ssize_t linux_pwrite(int fd, const void *buffer, size_t size, int64_t offset);
uint32_t linux_umask(uint32_t mask);
// Permitted and effective become `mask`, inheritable becomes empty.
int linux_set_capabilities(uint64_t mask);
int linux_get_capabilities(uint64_t *permitted);
// The version of the interface, or a negated errno where there is none.
int linux_landlock_version(void);
// A ruleset that forbids `files` accesses, `network` ones and crossing `scopes`, as far as the version knows them.
int linux_landlock_create(uint64_t files, uint64_t network, uint64_t scopes, int version);
int linux_landlock_allow_beneath(int ruleset, int directory, uint64_t files);
int linux_landlock_restrict(int ruleset);
