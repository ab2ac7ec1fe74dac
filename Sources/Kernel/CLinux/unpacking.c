#define _GNU_SOURCE
#include "CLinuxUnpacking.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RESULT(call) ({ __auto_type value = (call); value < 0 ? (__typeof__(value))-errno : value; })

ssize_t linux_pwrite(int fd, const void *buffer, size_t size, int64_t offset) {
    return RESULT(pwrite(fd, buffer, size, offset));
}

uint32_t linux_umask(uint32_t mask) { return umask(mask); }

int linux_set_capabilities(uint64_t mask) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)mask, (uint32_t)mask, 0},
        {(uint32_t)(mask >> 32), (uint32_t)(mask >> 32), 0},
    };
    return RESULT((int)syscall(SYS_capset, &header, data));
}

int linux_get_capabilities(uint64_t *permitted) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    int result = RESULT((int)syscall(SYS_capget, &header, data));
    if (result == 0) *permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
    return result;
}

// The numbers are the same on every architecture; the header of an older distribution lacks the later fields.
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446, VERSION_FLAG = 1, PATH_BENEATH = 1 };

int linux_landlock_version(void) {
    return RESULT((int)syscall(CREATE_RULESET, (void *)0, (size_t)0, VERSION_FLAG));
}

int linux_landlock_create(uint64_t files, uint64_t network, uint64_t scopes, int version) {
    uint64_t attributes[3] = {files, network, scopes};
    size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    return RESULT((int)syscall(CREATE_RULESET, attributes, size, 0));
}

int linux_landlock_allow_beneath(int ruleset, int directory, uint64_t files) {
    struct {
        uint64_t access;
        int32_t directory;
    } __attribute__((packed)) rule = {files, directory};
    return RESULT((int)syscall(ADD_RULE, ruleset, PATH_BENEATH, &rule, 0));
}

int linux_landlock_restrict(int ruleset) { return RESULT((int)syscall(RESTRICT_SELF, ruleset, 0)); }
