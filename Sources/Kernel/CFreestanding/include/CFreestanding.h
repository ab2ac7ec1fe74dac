// What a program without a C library needs: its start, the kernel's calls, the few functions a compiler takes for granted.
// Every call returns what the kernel returns: a result of zero or more, or a negated errno.
#pragma once

#include <stddef.h>
#include <stdint.h>

// The program's arguments and environment.
int k_argument_count(void);
const char *k_argument(int index);
const char *const *k_environment(void);

// Memory of the program's own that is never given back; pages cost nothing until they are written.
void *k_allocate(size_t size);
/// Gives back everything allocated since the mark was taken.
size_t k_heap_mark(void);
void k_heap_release(size_t mark);

// Files.
long k_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
long k_openat(int directory, const char *path, int flags, uint32_t mode);
long k_close(int fd);
long k_read(int fd, void *buffer, size_t size);
long k_write(int fd, const void *buffer, size_t size);
long k_lseek(int fd, int64_t offset, int whence);
long k_mkdirat(int directory, const char *path, uint32_t mode);
long k_mknodat(int directory, const char *path, uint32_t mode, uint32_t major, uint32_t minor);
long k_symlinkat(const char *target, int directory, const char *path);
long k_unlinkat(int directory, const char *path, int flags);
long k_renameat(int from, const char *old, int to, const char *new_name);
long k_readlinkat(int directory, const char *path, char *buffer, size_t size);
long k_fchmod(int fd, uint32_t mode);
long k_fchownat(int directory, const char *path, uint32_t uid, uint32_t gid, int flags);
long k_getdents(int fd, void *buffer, size_t size);
long k_copy_file(int from, int to);
long k_dup3(int from, int to, int flags);
long k_set_close_on_exec(int fd, int on);
long k_pipe(int ends[2], int flags);
long k_close_range(uint32_t first, uint32_t last, uint32_t flags);
long k_map_file(int fd, const unsigned char **bytes, size_t *size);

typedef struct {
    uint32_t mode, uid, gid, device_major, device_minor;
    uint64_t size;
} k_status;
long k_stat(int directory, const char *path, int flags, k_status *status);
// The magic number of the file system, as in linux/magic.h.
long k_file_system(int fd, uint64_t *magic);

// Mounts.
long k_fsopen(const char *type);
long k_fsconfig(int fd, uint32_t command, const char *key, const char *value);
long k_fsmount(int fd, uint64_t attributes);
long k_open_tree(int directory, const char *path, uint32_t flags);
long k_move_mount(int from, int to);
long k_mount_setattr(int fd, uint32_t flags, uint64_t set, uint64_t clear, uint64_t propagation);
long k_mount(const char *source, const char *target, const char *type, uint64_t flags, const char *options);
long k_umount(const char *path, int flags);
long k_pivot_root(const char *new_root, const char *old_root);
long k_fchdir(int fd);
long k_chdir(const char *path);
long k_chroot(const char *path);
long k_getcwd(char *buffer, size_t size);

// Processes.
long k_fork(uint64_t flags);
// Starts the program behind a descriptor in new namespaces without copying this process (clone3 with VM and VFORK).
// `keep` are the descriptors the child gets besides its streams, which are all `null`.
long k_spawn(int program, const char *const argv[], uint64_t flags, int cgroup, int *pidfd,
             const int *keep, int keep_count, int null);
long k_execve(const char *path, const char *const argv[], const char *const envp[]);
_Noreturn void k_exit(int code);
long k_wait(int pid, int options, int *status);
long k_kill(int pid, int signal);
long k_pidfd_signal(int pidfd, int signal);
long k_setns(int fd, int flags);
/* Makes the root of our mount namespace our root and working directory: joining it once more does just that. */
long k_leave_chroot(void);
long k_unshare(int flags);
long k_setsid(void);
long k_getpid(void);
long k_prctl(int option, uint64_t a, uint64_t b);
long k_set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable);
long k_set_user(uint32_t uid);
long k_set_group(uint32_t gid);
long k_set_groups(size_t count, const uint32_t *groups);
long k_seccomp(const void *program, size_t instructions);
long k_set_limit(int resource, uint64_t soft, uint64_t hard);
long k_get_limit(int resource, uint64_t *soft, uint64_t *hard);
long k_new_keyring(void);
long k_sethostname(const char *name, size_t size);
long k_loopback_up(void);
// A socket to a part of the kernel (a netlink protocol).
long k_netlink(int protocol);
// Sends messages; the kernel does what they say before this returns.
long k_netlink_send(int fd, const void *messages, size_t size);
// An flock; 4 in `operation` doesn't wait.
long k_flock(int fd, int operation);
long k_umask(uint32_t mask);

// Signals: all blockable ones are blocked and read from a descriptor; a child gets them back.
long k_signal_descriptor(void);
void k_reset_signals(void);
typedef struct {
    int signal, code, value;
} k_signal_event;
long k_read_signal(int fd, k_signal_event *event);
// Waits at most so many milliseconds (-1: for ever) for one of the signals; for a process without a descriptor.
long k_await_signal(k_signal_event *event);

// Events.
typedef struct {
    int fd;
    short events, revents;
} k_poll_entry;
enum { k_readable = 1, k_writable = 4, k_hang_up = 16 };
long k_poll(k_poll_entry *entries, int count, int64_t milliseconds);
int64_t k_now(int clock, int64_t *nanoseconds);

// What PID 1 and the supervisor say to each other.
enum k_message_kind {
    k_message_go = 1,       // to PID 1: begin
    k_message_signal = 2,   // to PID 1: value is the signal for the app
    k_message_started = 3,  // from the app itself: the kernel adds its process id
    k_message_exited = 4,   // value is the wait status
    k_message_failed = 5,   // value is the errno, text the step; app -1 is the pod
    k_message_console = 6,  // carries the master side of the app's terminal
};
typedef struct {
    int32_t kind, app, value;
    char text[180];
} k_message;
long k_message_pair(int ends[2]);
long k_send(int fd, const k_message *message, int carried);
// Gives the sender's process id as this process sees it, and the carried descriptor or -1.
long k_receive(int fd, k_message *message, int *pid, int *carried);

// Terminals.
long k_open_terminal(int directory, int *replica);
long k_window_copy(int from, int to);
long k_terminal_raw(int fd, void *saved);
long k_terminal_restore(int fd, const void *saved);
int k_is_terminal(int fd);
long k_control_terminal(int fd);
