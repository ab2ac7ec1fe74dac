#include "CFreestanding.h"

#include <asm/unistd.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/socket.h>
#include <linux/stat.h>
#include <asm/ioctls.h>
#include <asm/termbits.h>

// -- the call itself

#if defined(__x86_64__)
static inline long call6(long n, long a, long b, long c, long d, long e, long f) {
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "=a"(result)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
__asm__(".globl _start\n_start:\n xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call k_start\n");
#elif defined(__aarch64__)
static inline long call6(long n, long a, long b, long c, long d, long e, long f) {
    register long x8 __asm__("x8") = n;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}
__asm__(".globl _start\n_start:\n mov x29, #0\n mov x0, sp\n bl k_start\n");
#endif

#define CALL(n, ...) CALL_(n, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define CALL_(n, a, b, c, d, e, f, ...) \
    call6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

// -- start

static int argument_count;
static const char *const *arguments;
extern int main(int, char **);

__attribute__((used, noreturn)) void k_start(const long *stack) {
    argument_count = (int)stack[0];
    arguments = (const char *const *)(stack + 1);
    k_exit(main(argument_count, (char **)arguments));
}
int k_argument_count(void) { return argument_count; }
const char *k_argument(int index) { return index < argument_count ? arguments[index] : ""; }
const char *const *k_environment(void) { return arguments + argument_count + 1; }

// -- what a compiler takes for granted

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
#if defined(__x86_64__)
    void *start = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
    return start;
#else
    char *d = to;
    const char *s = from;
    while (size--) *d++ = *s++;
    return to;
#endif
}
void *memmove(void *to, const void *from, size_t size) {
    char *d = to;
    const char *s = from;
    if (d <= s) return memcpy(to, from, size);
    while (size--) d[size] = s[size];
    return to;
}
void *memset(void *to, int value, size_t size) {
    char *d = to;
    while (size--) *d++ = (char)value;
    return to;
}
int memcmp(const void *left, const void *right, size_t size) {
    const unsigned char *l = left, *r = right;
    for (; size--; l++, r++)
        if (*l != *r) return *l - *r;
    return 0;
}
static char heap[16 << 20] __attribute__((aligned(16)));
static size_t heap_used;
void *k_allocate(size_t size) {
    size_t start = (heap_used + 15) & ~(size_t)15;
    if (size > sizeof heap - start) {
        static const char text[] = "stage1: the plan is too large\n";
        k_write(2, text, sizeof text - 1);
        k_exit(254);
    }
    heap_used = start + size;
    return heap + start;
}
size_t k_heap_mark(void) { return heap_used; }
void k_heap_release(size_t mark) { heap_used = mark; }
int posix_memalign(void **result, size_t alignment, size_t size) {
    (void)alignment;
    *result = k_allocate(size);
    return 0;
}
void free(void *memory) { (void)memory; }
uintptr_t __stack_chk_guard = 0x5bd1e995;
_Noreturn void __stack_chk_fail(void) { k_exit(254); }
void arc4random_buf(void *buffer, size_t size) { CALL(__NR_getrandom, buffer, size, 0); }
int putchar(int character) {
    char byte = (char)character;
    k_write(2, &byte, 1);
    return character;
}

// -- files

long k_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    // EAGAIN: a rename raced with the resolution (man 2 openat2).
    for (int tries = 0;; tries++) {
        long result = CALL(__NR_openat2, directory, path, &how, sizeof how);
        if (result != -11 || tries == 64) return result;
    }
}
long k_openat(int directory, const char *path, int flags, uint32_t mode) {
    return CALL(__NR_openat, directory, path, flags, mode);
}
long k_close(int fd) { return CALL(__NR_close, fd); }
long k_read(int fd, void *buffer, size_t size) { return CALL(__NR_read, fd, buffer, size); }
long k_write(int fd, const void *buffer, size_t size) { return CALL(__NR_write, fd, buffer, size); }
long k_lseek(int fd, int64_t offset, int whence) { return CALL(__NR_lseek, fd, offset, whence); }
long k_mkdirat(int directory, const char *path, uint32_t mode) { return CALL(__NR_mkdirat, directory, path, mode); }
long k_mknodat(int directory, const char *path, uint32_t mode, uint32_t major, uint32_t minor) {
    uint32_t device = (minor & 0xFF) | (major << 8) | ((minor & ~0xFFu) << 12);
    return CALL(__NR_mknodat, directory, path, mode, device);
}
long k_symlinkat(const char *target, int directory, const char *path) {
    return CALL(__NR_symlinkat, target, directory, path);
}
long k_unlinkat(int directory, const char *path, int flags) { return CALL(__NR_unlinkat, directory, path, flags); }
long k_renameat(int from, const char *old, int to, const char *new_name) {
    return CALL(__NR_renameat2, from, old, to, new_name, 0);
}
long k_readlinkat(int directory, const char *path, char *buffer, size_t size) {
    return CALL(__NR_readlinkat, directory, path, buffer, size);
}
long k_fchmod(int fd, uint32_t mode) { return CALL(__NR_fchmod, fd, mode); }
long k_fchownat(int directory, const char *path, uint32_t uid, uint32_t gid, int flags) {
    return CALL(__NR_fchownat, directory, path, uid, gid, flags);
}
long k_getdents(int fd, void *buffer, size_t size) { return CALL(__NR_getdents64, fd, buffer, size); }
long k_copy_file(int from, int to) {
    for (;;) {
        long count = CALL(__NR_sendfile, to, from, 0, 1 << 20);
        if (count <= 0) return count;
    }
}
long k_dup3(int from, int to, int flags) { return CALL(__NR_dup3, from, to, flags); }
long k_set_close_on_exec(int fd, int on) { return CALL(__NR_fcntl, fd, 2, on); }
long k_pipe(int ends[2], int flags) { return CALL(__NR_pipe2, ends, flags); }
long k_close_range(uint32_t first, uint32_t last, uint32_t flags) {
    return CALL(__NR_close_range, first, last, flags);
}
long k_stat(int directory, const char *path, int flags, k_status *status) {
    struct statx s;
    long result = CALL(__NR_statx, directory, path, flags, STATX_BASIC_STATS, &s);
    if (result < 0) return result;
    *status = (k_status){s.stx_mode, s.stx_uid, s.stx_gid, s.stx_rdev_major, s.stx_rdev_minor, s.stx_size};
    return 0;
}
long k_file_system(int fd, uint64_t *magic) {
    long buffer[32];
    long result = CALL(__NR_fstatfs, fd, buffer);
    *magic = (uint64_t)buffer[0];
    return result;
}
long k_map_file(int fd, const unsigned char **bytes, size_t *size) {
    k_status status;
    long result = k_stat(fd, "", 0x1000, &status);
    if (result < 0) return result;
    result = CALL(__NR_mmap, 0, status.size, 1, 2, fd, 0);
    if (result < 0 && result > -4096) return result;
    *bytes = (const unsigned char *)result;
    *size = status.size;
    return 0;
}

// -- mounts

long k_fsopen(const char *type) { return CALL(__NR_fsopen, type, 1); }
long k_fsconfig(int fd, uint32_t command, const char *key, const char *value) {
    return CALL(__NR_fsconfig, fd, command, key, value, 0);
}
long k_fsmount(int fd, uint64_t attributes) { return CALL(__NR_fsmount, fd, 1, attributes); }
long k_open_tree(int directory, const char *path, uint32_t flags) {
    return CALL(__NR_open_tree, directory, path, flags);
}
long k_move_mount(int from, int to) { return CALL(__NR_move_mount, from, "", to, "", 0x04 | 0x40); }
long k_mount_setattr(int fd, uint32_t flags, uint64_t set, uint64_t clear, uint64_t propagation) {
    uint64_t attributes[4] = {set, clear, propagation, 0};
    return CALL(__NR_mount_setattr, fd, "", flags | 0x1000, attributes, sizeof attributes);
}
long k_mount(const char *source, const char *target, const char *type, uint64_t flags, const char *options) {
    return CALL(__NR_mount, source, target, type, flags, options);
}
long k_umount(const char *path, int flags) { return CALL(__NR_umount2, path, flags); }
long k_pivot_root(const char *new_root, const char *old_root) { return CALL(__NR_pivot_root, new_root, old_root); }
long k_fchdir(int fd) { return CALL(__NR_fchdir, fd); }
long k_chdir(const char *path) { return CALL(__NR_chdir, path); }
long k_chroot(const char *path) { return CALL(__NR_chroot, path); }
long k_getcwd(char *buffer, size_t size) { return CALL(__NR_getcwd, buffer, size); }

// -- processes

long k_fork(uint64_t flags) {
    struct clone_args args = {.flags = flags, .exit_signal = 17};
    return CALL(__NR_clone3, &args, sizeof args);
}
static long child_step(long result) {
    if (result < 0) k_exit(127);
    return result;
}
long k_spawn(int program, const char *const argv[], uint64_t flags, int cgroup, int *pidfd,
             const int *keep, int keep_count, int null) {
    struct clone_args args = {
        .flags = flags | CLONE_VM | CLONE_VFORK | CLONE_PIDFD | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = 17,
        .cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0,
    };
    long pid = CALL(__NR_clone3, &args, sizeof args);
    if (pid != 0) return pid;
    // Memory is shared with the waiting parent, descriptors are a copy of its own.
    for (int stream = 0; stream < 3; stream++) child_step(k_dup3(null, stream, 0));
    for (int i = 0; i < keep_count; i++) child_step(k_set_close_on_exec(keep[i], 0));
    static const char *const no_environment[] = {0};
    CALL(__NR_execveat, program, "", argv, no_environment, 0x1000);
    k_exit(127);
}
long k_execve(const char *path, const char *const argv[], const char *const envp[]) {
    return CALL(__NR_execve, path, argv, envp);
}
_Noreturn void k_exit(int code) {
    for (;;) CALL(__NR_exit_group, code);
}
long k_wait(int pid, int options, int *status) {
    for (;;) {
        long result = CALL(__NR_wait4, pid, status, options, 0);
        if (result != -4) return result;
    }
}
long k_kill(int pid, int signal) { return CALL(__NR_kill, pid, signal); }
long k_pidfd_signal(int pidfd, int signal) { return CALL(__NR_pidfd_send_signal, pidfd, signal, 0, 0); }
long k_setns(int fd, int flags) { return CALL(__NR_setns, fd, flags); }
long k_leave_chroot(void) {
    long self = CALL(__NR_pidfd_open, k_getpid(), 0);
    if (self < 0) return self;
    long result = k_setns((int)self, 0x00020000);
    k_close((int)self);
    return result;
}
long k_unshare(int flags) { return CALL(__NR_unshare, flags); }
long k_setsid(void) { return CALL(__NR_setsid); }
long k_getpid(void) { return CALL(__NR_getpid); }
long k_prctl(int option, uint64_t a, uint64_t b) { return CALL(__NR_prctl, option, a, b, 0, 0); }
long k_set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
        {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)},
    };
    return CALL(__NR_capset, &header, data);
}
long k_set_user(uint32_t uid) { return CALL(__NR_setresuid, uid, uid, uid); }
long k_set_group(uint32_t gid) { return CALL(__NR_setresgid, gid, gid, gid); }
long k_set_groups(size_t count, const uint32_t *groups) { return CALL(__NR_setgroups, count, groups); }
long k_seccomp(const void *program, size_t instructions) {
    struct sock_fprog filter = {.len = (unsigned short)instructions, .filter = (struct sock_filter *)program};
    // SPEC_ALLOW: speculation mitigations stay as the host has them; other engines do the same.
    long result = CALL(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter);
    return result == -22 ? CALL(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) : result;
}
long k_set_limit(int resource, uint64_t soft, uint64_t hard) {
    uint64_t limit[2] = {soft, hard};
    return CALL(__NR_prlimit64, 0, resource, limit, 0);
}
long k_get_limit(int resource, uint64_t *soft, uint64_t *hard) {
    uint64_t limit[2];
    long result = CALL(__NR_prlimit64, 0, resource, 0, limit);
    *soft = limit[0];
    *hard = limit[1];
    return result;
}
long k_new_keyring(void) { return CALL(__NR_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0); }
long k_sethostname(const char *name, size_t size) { return CALL(__NR_sethostname, name, size); }
long k_loopback_up(void) {
    long fd = CALL(__NR_socket, 2, 2 | 0x80000, 0);
    if (fd < 0) return fd;
    struct ifreq request = {.ifr_name = "lo"};
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    long result = CALL(__NR_ioctl, fd, 0x8914, &request);
    k_close((int)fd);
    return result;
}
long k_netlink(int protocol) { return CALL(__NR_socket, 16, 3 | 0x80000, protocol); }
long k_netlink_send(int fd, const void *messages, size_t size) {
    // Without an address the kernel is meant.
    struct { uint16_t family, pad; uint32_t process, groups; } kernel = {16, 0, 0, 0};
    return CALL(__NR_sendto, fd, messages, size, 0, &kernel, sizeof kernel);
}
long k_flock(int fd, int operation) { return CALL(__NR_flock, fd, operation); }
long k_umask(uint32_t mask) { return CALL(__NR_umask, mask); }

// -- signals

static const uint64_t every_signal = ~0ull;
static void reset_signal(int signal) {
    static const struct { void *handler; unsigned long flags; void *restorer; uint64_t mask; } standard;
    CALL(__NR_rt_sigaction, signal, &standard, 0, 8);
}
long k_signal_descriptor(void) {
    // A parent that ignored SIGCHLD would have the kernel bury our children before we know how they ended.
    reset_signal(17);
    CALL(__NR_rt_sigprocmask, 2, &every_signal, 0, 8);
    return CALL(__NR_signalfd4, -1, &every_signal, 8, 0x80000 | 0x800);
}
void k_reset_signals(void) {
    static const uint64_t none = 0;
    // What a parent ignored would stay ignored through execve.
    for (int signal = 1; signal <= 64; signal++) reset_signal(signal);
    CALL(__NR_rt_sigprocmask, 2, &none, 0, 8);
}
long k_read_signal(int fd, k_signal_event *event) {
    int information[32];
    long result = k_read(fd, information, sizeof information);
    if (result < 0) return result;
    *event = (k_signal_event){information[0], information[2], information[11]};
    return 1;
}
long k_await_signal(k_signal_event *event) {
    int information[32];
    long result = CALL(__NR_rt_sigtimedwait, &every_signal, information, 0, 8);
    if (result >= 0) *event = (k_signal_event){information[0], information[2], 0};
    return result;
}

// -- events

long k_poll(k_poll_entry *entries, int count, int64_t milliseconds) {
    int64_t time[2] = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    return CALL(__NR_ppoll, entries, count, milliseconds < 0 ? 0 : time, 0, 0);
}
int64_t k_now(int clock, int64_t *nanoseconds) {
    int64_t time[2] = {0, 0};
    CALL(__NR_clock_gettime, clock, time);
    *nanoseconds = time[1];
    return time[0];
}

// -- messages

struct message_header {
    void *name;
    int name_length;
    struct { const void *base; size_t length; } *vectors;
    size_t vector_count;
    void *control;
    size_t control_length;
    int flags;
};
struct control_header {
    size_t length;
    int level, type;
};
long k_message_pair(int ends[2]) {
    long result = CALL(__NR_socketpair, 1, 5 | 0x80000, 0, ends);
    int on = 1;
    // The supervisor's end learns the sender's process id (unix(7), SO_PASSCRED = 16).
    if (result == 0) CALL(__NR_setsockopt, ends[0], 1, 16, &on, sizeof on);
    return result;
}
long k_send(int fd, const k_message *message, int carried) {
    struct { const void *base; size_t length; } vector = {message, sizeof *message};
    struct { struct control_header header; int fd; int padding; } control = {
        {sizeof(struct control_header) + sizeof(int), 1, 1}, carried, 0};
    struct message_header header = {0, 0, (void *)&vector, 1, carried >= 0 ? (void *)&control : 0,
                                    carried >= 0 ? sizeof control : 0, 0};
    return CALL(__NR_sendmsg, fd, &header, 0x4000);
}
long k_receive(int fd, k_message *message, int *pid, int *carried) {
    struct { void *base; size_t length; } vector = {message, sizeof *message};
    union { struct control_header header; char bytes[128]; } control;
    struct message_header header = {0, 0, (void *)&vector, 1, &control, sizeof control, 0};
    *pid = 0;
    *carried = -1;
    long result = CALL(__NR_recvmsg, fd, &header, 0x40000000 | 0x40);
    if (result <= 0) return result;
    if (result != sizeof *message) return -71;
    message->text[sizeof message->text - 1] = 0;
    for (size_t at = 0; at + sizeof(struct control_header) <= header.control_length;) {
        struct control_header *found = (struct control_header *)(control.bytes + at);
        if (found->level == 1 && found->type == 1) *carried = *(int *)(found + 1);
        if (found->level == 1 && found->type == 2) *pid = *(int *)(found + 1);
        at += (found->length + 7) & ~(size_t)7;
        if (found->length < sizeof *found) break;
    }
    return result;
}

// -- terminals

long k_open_terminal(int directory, int *replica) {
    long master = CALL(__NR_openat, directory, "ptmx", 2 | 0x80000 | 0400);
    if (master < 0) return master;
    int zero = 0;
    long result = CALL(__NR_ioctl, master, TIOCSPTLCK, &zero);
    if (result == 0) result = CALL(__NR_ioctl, master, TIOCGPTPEER, 2 | 0x80000 | 0400);
    if (result < 0) {
        k_close((int)master);
        return result;
    }
    *replica = (int)result;
    return master;
}
long k_window_copy(int from, int to) {
    short size[4];
    long result = CALL(__NR_ioctl, from, TIOCGWINSZ, size);
    return result < 0 ? result : CALL(__NR_ioctl, to, TIOCSWINSZ, size);
}
long k_terminal_raw(int fd, void *saved) {
    struct termios state;
    long result = CALL(__NR_ioctl, fd, TCGETS, &state);
    if (result < 0) return result;
    *(struct termios *)saved = state;
    state.c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    state.c_oflag &= ~OPOST;
    state.c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    state.c_cflag = (state.c_cflag & ~(CSIZE | PARENB)) | CS8;
    state.c_cc[VMIN] = 1;
    state.c_cc[VTIME] = 0;
    return CALL(__NR_ioctl, fd, TCSETSW, &state);
}
long k_terminal_restore(int fd, const void *saved) { return CALL(__NR_ioctl, fd, TCSETSW, saved); }
int k_is_terminal(int fd) {
    struct termios state;
    return CALL(__NR_ioctl, fd, TCGETS, &state) == 0;
}
long k_control_terminal(int fd) { return CALL(__NR_ioctl, fd, TIOCSCTTY, 0); }
