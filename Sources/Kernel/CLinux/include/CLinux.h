// The Linux calls and constants that glibc's Swift module hides or spells as variadic functions.
// Every function returns what the kernel returns: a result of zero or more, or a negated errno.
#pragma once

#include <stdint.h>
#include <stddef.h>
#include <sys/types.h>

#include "CLinuxBPF.h"
#include "CLinuxCopying.h"
#include "CLinuxInodeFlags.h"
#include "CLinuxFilter.h"
#include "CLinuxNetwork.h"
#include "CLinuxUnpacking.h"

typedef struct {
    uint32_t mode;
    uint32_t uid;
    uint32_t gid;
    uint32_t links;
    uint32_t device_major;
    uint32_t device_minor;
    uint32_t file_system_major;
    uint32_t file_system_minor;
    uint64_t inode;
    uint64_t size;
    uint64_t blocks;
    int64_t modified_seconds;
    int64_t changed_seconds;
    uint32_t modified_nanoseconds;
    uint32_t changed_nanoseconds;
    uint64_t mount_id;
} linux_status;

// Files.
int linux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
int linux_openat(int directory, const char *path, int flags, uint32_t mode);
int linux_close(int fd);
int linux_dup(int fd, int lowest, int close_on_exec);
int linux_set_close_on_exec(int fd, int on);
int linux_stat(int directory, const char *path, int flags, linux_status *status);
int linux_mkdirat(int directory, const char *path, uint32_t mode);
int linux_unlinkat(int directory, const char *path, int flags);
int linux_renameat2(int from, const char *old, int to, const char *new_name, uint32_t flags);
int linux_linkat(int from, const char *old, int to, const char *new_name, int flags);
int linux_symlinkat(const char *target, int directory, const char *path);
int linux_mknodat(int directory, const char *path, uint32_t mode, uint32_t major, uint32_t minor);
int linux_fchmod(int fd, uint32_t mode);
int linux_fchmodat(int directory, const char *path, uint32_t mode);
int linux_fchownat(int directory, const char *path, uint32_t uid, uint32_t gid, int flags);
int linux_utimensat(int directory, const char *path, int64_t seconds, int64_t nanoseconds, int flags);
int linux_ftruncate(int fd, int64_t size);
int linux_fsetxattr(int fd, const char *name, const void *value, size_t size);
int linux_lsetxattr(const char *path, const char *name, const void *value, size_t size);
ssize_t linux_readlinkat(int directory, const char *path, char *buffer, size_t size);
ssize_t linux_getdents(int fd, void *buffer, size_t size);
ssize_t linux_read(int fd, void *buffer, size_t size);
ssize_t linux_pread(int fd, void *buffer, size_t size, int64_t offset);
ssize_t linux_write(int fd, const void *buffer, size_t size);
int64_t linux_lseek(int fd, int64_t offset, int whence);
ssize_t linux_sendfile(int to, int from, size_t size);
int linux_flock(int fd, int operation);
int linux_fsync(int fd);
int linux_syncfs(int fd);
int linux_memfd(const char *name, uint32_t flags);
int linux_seal(int fd);
int linux_pipe(int ends[2], int flags);
/// A datagram socket that sends to a path, or to a name in the abstract namespace where it begins with "@".
int linux_connect_datagram(const char *path);
int linux_socket_pair(int ends[2]);
int linux_free_space(int fd, uint64_t *free_bytes, uint64_t *file_system_type);
/// Makes up for what a careless parent left: missing streams, open descriptors, an ignored SIGCHLD.
void linux_start_clean(void);
void linux_ignore_broken_pipes(void);
int linux_close_range(uint32_t first, uint32_t last, uint32_t flags);
int linux_inotify(int fd_directory, const char *path, uint32_t mask);
int linux_is_terminal(int fd);

// Processes.
pid_t linux_spawn(const char *path, char *const argv[], char *const envp[], const int *descriptors, size_t count);
/// The same, and the child leads a process group of its own, which it can be killed with.
pid_t linux_spawn_group(const char *path, char *const argv[], char *const envp[], const int *descriptors, size_t count);
int linux_fexecve(int fd, char *const argv[], char *const envp[]);
int linux_execve(const char *path, char *const argv[], char *const envp[]);
pid_t linux_fork(void);
int linux_pidfd_open(pid_t pid);
int linux_pidfd_signal(int pidfd, int signal, int value, int has_value);
int linux_wait(pid_t pid, int options, int *status);
int linux_poll(int fd, int events, int milliseconds);
/// Waits until one of two can be read: 1, 2, or 3 for both; a negative number in place of one is never ready.
int linux_poll_two(int first, int second);
/// Which of at most eight descriptors can be read, as bits; a negative descriptor never can.
int linux_poll_any(const int *fds, size_t count, int milliseconds);
int linux_unshare(int flags);
int linux_setns(int fd, int flags);
int linux_chroot(const char *path);
int linux_fchdir(int fd);
int linux_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int linux_setresuid(uint32_t uid);
int linux_setresgid(uint32_t gid);
int linux_setgroups(size_t count, const uint32_t *groups);
int linux_setrlimit(int resource, uint64_t soft, uint64_t hard);
int linux_getrlimit(int resource, uint64_t *soft, uint64_t *hard);
uint32_t linux_getuid(void);
uint32_t linux_geteuid(void);
uint32_t linux_getgid(void);
pid_t linux_getpid(void);
pid_t linux_getppid(void);
int linux_kill(pid_t pid, int signal);
ssize_t linux_random(void *buffer, size_t size);
int64_t linux_clock(int clock, int64_t *nanoseconds);
int linux_sleep(int64_t milliseconds);
char **linux_environment(void);
const char *linux_error_text(int error);
_Noreturn void linux_exit(int code);

// Mounts, as far as stage0 needs them.
int linux_fsopen(const char *type, uint32_t flags);
int linux_fsconfig(int fd, uint32_t command, const char *key, const char *value, int aux);
int linux_fsmount(int fd, uint32_t flags, uint32_t attributes);
int linux_move_mount(int from, const char *from_path, int to, const char *to_path, uint32_t flags);
int linux_umount(const char *path, int flags);
