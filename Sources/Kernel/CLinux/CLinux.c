#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define RESULT(call) ({ __typeof__(call) r_ = (call); r_ < 0 ? (__typeof__(call))-errno : r_; })

int linux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    // The kernel gives EAGAIN when a rename raced with the resolution (man 2 openat2): try again.
    for (int tries = 0;; tries++) {
        long result = syscall(SYS_openat2, directory, path, &how, sizeof how);
        if (result >= 0 || errno != EAGAIN || tries == 64) return (int)RESULT(result);
    }
}
int linux_openat(int directory, const char *path, int flags, uint32_t mode) {
    return RESULT(openat(directory, path, flags, mode));
}
int linux_close(int fd) { return RESULT(close(fd)); }
int linux_dup(int fd, int lowest, int close_on_exec) {
    return RESULT(fcntl(fd, close_on_exec ? F_DUPFD_CLOEXEC : F_DUPFD, lowest));
}
int linux_set_close_on_exec(int fd, int on) { return RESULT(fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0)); }
int linux_stat(int directory, const char *path, int flags, linux_status *status) {
    struct statx s;
    if (statx(directory, path, flags, STATX_BASIC_STATS | STATX_MNT_ID, &s) < 0) return -errno;
    *status = (linux_status){
        .mode = s.stx_mode, .uid = s.stx_uid, .gid = s.stx_gid, .links = s.stx_nlink,
        .device_major = s.stx_rdev_major, .device_minor = s.stx_rdev_minor,
        .file_system_major = s.stx_dev_major, .file_system_minor = s.stx_dev_minor,
        .inode = s.stx_ino, .size = s.stx_size, .blocks = s.stx_blocks,
        .modified_seconds = s.stx_mtime.tv_sec, .changed_seconds = s.stx_ctime.tv_sec,
        .modified_nanoseconds = s.stx_mtime.tv_nsec, .changed_nanoseconds = s.stx_ctime.tv_nsec,
        .mount_id = s.stx_mnt_id,
    };
    return 0;
}
int linux_mkdirat(int directory, const char *path, uint32_t mode) { return RESULT(mkdirat(directory, path, mode)); }
int linux_unlinkat(int directory, const char *path, int flags) { return RESULT(unlinkat(directory, path, flags)); }
int linux_renameat2(int from, const char *old, int to, const char *new_name, uint32_t flags) {
    return (int)RESULT(syscall(SYS_renameat2, from, old, to, new_name, flags));
}
int linux_linkat(int from, const char *old, int to, const char *new_name, int flags) {
    return RESULT(linkat(from, old, to, new_name, flags));
}
int linux_symlinkat(const char *target, int directory, const char *path) {
    return RESULT(symlinkat(target, directory, path));
}
int linux_mknodat(int directory, const char *path, uint32_t mode, uint32_t major, uint32_t minor) {
    return RESULT(mknodat(directory, path, mode, makedev(major, minor)));
}
int linux_fchmod(int fd, uint32_t mode) { return RESULT(fchmod(fd, mode)); }
int linux_fchmodat(int directory, const char *path, uint32_t mode) {
    return RESULT(fchmodat(directory, path, mode, 0));
}
int linux_fchownat(int directory, const char *path, uint32_t uid, uint32_t gid, int flags) {
    return RESULT(fchownat(directory, path, uid, gid, flags));
}
int linux_utimensat(int directory, const char *path, int64_t seconds, int64_t nanoseconds, int flags) {
    struct timespec times[2] = {{seconds, nanoseconds}, {seconds, nanoseconds}};
    return RESULT((int)syscall(SYS_utimensat, directory, path, times, flags));
}
int linux_ftruncate(int fd, int64_t size) { return RESULT(ftruncate(fd, size)); }
int linux_fsetxattr(int fd, const char *name, const void *value, size_t size) {
    return RESULT(fsetxattr(fd, name, value, size, 0));
}
int linux_lsetxattr(const char *path, const char *name, const void *value, size_t size) {
    return RESULT(lsetxattr(path, name, value, size, 0));
}
ssize_t linux_readlinkat(int directory, const char *path, char *buffer, size_t size) {
    return RESULT(readlinkat(directory, path, buffer, size));
}
ssize_t linux_getdents(int fd, void *buffer, size_t size) { return RESULT(getdents64(fd, buffer, size)); }
ssize_t linux_read(int fd, void *buffer, size_t size) {
    ssize_t result;
    do result = read(fd, buffer, size); while (result < 0 && errno == EINTR);
    return RESULT(result);
}
ssize_t linux_pread(int fd, void *buffer, size_t size, int64_t offset) {
    ssize_t result;
    do result = pread(fd, buffer, size, offset); while (result < 0 && errno == EINTR);
    return RESULT(result);
}
ssize_t linux_write(int fd, const void *buffer, size_t size) {
    ssize_t result;
    do result = write(fd, buffer, size); while (result < 0 && errno == EINTR);
    return RESULT(result);
}
int64_t linux_lseek(int fd, int64_t offset, int whence) { return RESULT(lseek(fd, offset, whence)); }
ssize_t linux_sendfile(int to, int from, size_t size) { return RESULT(sendfile(to, from, NULL, size)); }
int linux_flock(int fd, int operation) {
    int result;
    do result = flock(fd, operation); while (result < 0 && errno == EINTR);
    return RESULT(result);
}
int linux_fsync(int fd) { return RESULT(fsync(fd)); }
int linux_syncfs(int fd) { return RESULT(syncfs(fd)); }
int linux_memfd(const char *name, uint32_t flags) {
    // Kernels before 6.3 don't know MFD_EXEC (0x10): there every memfd may be executed.
    int result = (int)syscall(SYS_memfd_create, name, flags);
    if (result < 0 && errno == EINVAL) result = (int)syscall(SYS_memfd_create, name, flags & ~0x18u);
    return RESULT(result);
}
int linux_seal(int fd) {
    return RESULT(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE));
}
int linux_pipe(int ends[2], int flags) { return RESULT(pipe2(ends, flags)); }
int linux_connect_datagram(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address.sun_path) return -EINVAL;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}
int linux_socket_pair(int ends[2]) { return RESULT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)); }
int linux_free_space(int fd, uint64_t *free_bytes, uint64_t *file_system_type) {
    struct statfs s;
    if (fstatfs(fd, &s) < 0) return -errno;
    *free_bytes = (uint64_t)s.f_bavail * (uint64_t)s.f_bsize;
    *file_system_type = (uint64_t)s.f_type;
    return 0;
}
void linux_start_clean(void) {
    // The lowest free number: while a standard stream is missing, it becomes that one.
    int fd;
    do fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd < 2);
    if (fd > 2) close(fd);
    syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
    // Whoever ignores it can't wait for children, and an ignored signal survives execve.
    signal(SIGCHLD, SIG_DFL);
}
void linux_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }
int linux_close_range(uint32_t first, uint32_t last, uint32_t flags) {
    return (int)RESULT(syscall(SYS_close_range, first, last, flags));
}
int linux_inotify(int fd, const char *path, uint32_t mask) {
    if (fd < 0) return RESULT(inotify_init1(IN_CLOEXEC));
    return RESULT(inotify_add_watch(fd, path, mask));
}
int linux_is_terminal(int fd) { return isatty(fd); }

static pid_t spawn(const char *path, char *const argv[], char *const envp[], const int *descriptors, size_t count, int in_own_group) {
    // The child gets descriptors[i] as descriptor i and nothing else. A vfork'ed child shares our
    // memory: `failure` brings back why it could not become the program.
    volatile int failure = 0;
    sigset_t none, before;
    sigemptyset(&none);
    pid_t pid = vfork();
    if (pid < 0) return -errno;
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, &none, &before);
        if (in_own_group) setpgid(0, 0);
        int low = (int)count;
        int moved[16];
        for (size_t i = 0; i < count && i < 16; i++) {
            moved[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, low);
            if (moved[i] < 0) { failure = errno; _exit(127); }
        }
        for (size_t i = 0; i < count && i < 16; i++)
            if (dup2(moved[i], (int)i) < 0) { failure = errno; _exit(127); }
        syscall(SYS_close_range, (unsigned)count, ~0u, CLOSE_RANGE_CLOEXEC);
        execve(path, argv, envp);
        failure = errno;
        _exit(127);
    }
    if (failure != 0) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
        return -failure;
    }
    return pid;
}
pid_t linux_spawn(const char *path, char *const argv[], char *const envp[], const int *descriptors, size_t count) {
    return spawn(path, argv, envp, descriptors, count, 0);
}
pid_t linux_spawn_group(const char *path, char *const argv[], char *const envp[], const int *descriptors, size_t count) {
    return spawn(path, argv, envp, descriptors, count, 1);
}
int linux_fexecve(int fd, char *const argv[], char *const envp[]) {
    return (int)RESULT(syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH));
}
int linux_execve(const char *path, char *const argv[], char *const envp[]) { return RESULT(execve(path, argv, envp)); }
pid_t linux_fork(void) { return RESULT(fork()); }
int linux_pidfd_open(pid_t pid) { return (int)RESULT(syscall(SYS_pidfd_open, pid, 0)); }
int linux_pidfd_signal(int pidfd, int signal, int value, int has_value) {
    siginfo_t information;
    memset(&information, 0, sizeof information);
    information.si_signo = signal;
    information.si_code = SI_QUEUE;
    information.si_pid = getpid();
    information.si_uid = getuid();
    information.si_value.sival_int = value;
    return (int)RESULT(syscall(SYS_pidfd_send_signal, pidfd, signal, has_value ? &information : NULL, 0));
}
int linux_wait(pid_t pid, int options, int *status) {
    pid_t result;
    do result = waitpid(pid, status, options); while (result < 0 && errno == EINTR);
    return RESULT(result);
}
int linux_poll(int fd, int events, int milliseconds) {
    struct pollfd p = {.fd = fd, .events = (short)events};
    int result = poll(&p, 1, milliseconds);
    if (result < 0 && errno == EINTR) return 0;
    return result > 0 ? p.revents : RESULT(result);
}
int linux_poll_two(int first, int second) {
    struct pollfd both[] = {{.fd = first, .events = POLLIN}, {.fd = second, .events = POLLIN}};
    int result;
    while ((result = poll(both, 2, -1)) < 0 && errno == EINTR) {}
    if (result < 0) return -errno;
    return (both[0].revents != 0 ? 1 : 0) | (both[1].revents != 0 ? 2 : 0);
}
int linux_poll_any(const int *fds, size_t count, int milliseconds) {
    struct pollfd p[8];
    if (count > 8) return -EINVAL;
    for (size_t i = 0; i < count; i++) p[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    int result = poll(p, count, milliseconds);
    if (result < 0) return errno == EINTR ? 0 : -errno;
    int ready = 0;
    for (size_t i = 0; i < count; i++)
        if (p[i].revents != 0) ready |= 1 << i;
    return ready;
}
int linux_unshare(int flags) { return RESULT(unshare(flags)); }
int linux_setns(int fd, int flags) { return RESULT(setns(fd, flags)); }
int linux_chroot(const char *path) { return RESULT(chroot(path)); }
int linux_fchdir(int fd) { return RESULT(fchdir(fd)); }
int linux_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
    return RESULT(prctl(option, a, b, c, d));
}
int linux_setresuid(uint32_t uid) { return (int)RESULT(syscall(SYS_setresuid, uid, uid, uid)); }
int linux_setresgid(uint32_t gid) { return (int)RESULT(syscall(SYS_setresgid, gid, gid, gid)); }
int linux_setgroups(size_t count, const uint32_t *groups) { return (int)RESULT(syscall(SYS_setgroups, count, groups)); }
int linux_setrlimit(int resource, uint64_t soft, uint64_t hard) {
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    return RESULT(setrlimit((__rlimit_resource_t)resource, &limit));
}
int linux_getrlimit(int resource, uint64_t *soft, uint64_t *hard) {
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) < 0) return -errno;
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return 0;
}
uint32_t linux_getuid(void) { return getuid(); }
uint32_t linux_geteuid(void) { return geteuid(); }
uint32_t linux_getgid(void) { return getgid(); }
pid_t linux_getpid(void) { return getpid(); }
pid_t linux_getppid(void) { return getppid(); }
int linux_kill(pid_t pid, int signal) { return RESULT(kill(pid, signal)); }
ssize_t linux_random(void *buffer, size_t size) { return RESULT(getrandom(buffer, size, 0)); }
int64_t linux_clock(int clock, int64_t *nanoseconds) {
    struct timespec now = {0, 0};
    clock_gettime(clock, &now);
    *nanoseconds = now.tv_nsec;
    return now.tv_sec;
}
int linux_sleep(int64_t milliseconds) {
    struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = (milliseconds % 1000) * 1000000};
    return RESULT(nanosleep(&time, NULL));
}
extern char **environ;
char **linux_environment(void) { return environ; }
const char *linux_error_text(int error) {
    const char *text = strerrordesc_np(error);
    return text ? text : "unknown error";
}
_Noreturn void linux_exit(int code) { _exit(code); }

int linux_fsopen(const char *type, uint32_t flags) { return (int)RESULT(syscall(SYS_fsopen, type, flags)); }
int linux_fsconfig(int fd, uint32_t command, const char *key, const char *value, int aux) {
    return (int)RESULT(syscall(SYS_fsconfig, fd, command, key, value, aux));
}
int linux_fsmount(int fd, uint32_t flags, uint32_t attributes) {
    return (int)RESULT(syscall(SYS_fsmount, fd, flags, attributes));
}
int linux_move_mount(int from, const char *from_path, int to, const char *to_path, uint32_t flags) {
    return (int)RESULT(syscall(SYS_move_mount, from, from_path, to, to_path, flags));
}
int linux_umount(const char *path, int flags) { return RESULT(umount2(path, flags)); }
