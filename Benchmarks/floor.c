// The kernel's floor: what starting one full container costs when nothing but the kernel is involved.
//
//     floor ROOTFS WORKDIR none|host|default PROGRAM [ARGUMENTS]
//
// `default` is a network like rkt's, see netfloor.c. Makes a cgroup, the namespaces, an overlay of ROOTFS, the mounts, devices, masks, drops capabilities,
// loads a filter, executes PROGRAM, waits for it and cleans up. It checks nothing a real engine checks,
// reads no configuration, writes no state and keeps no log: an engine can come near it, not below it.

#define _GNU_SOURCE
#include "netfloor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static char cgroups[4][128];
static int cgroup_count, is_unified;

static void must(int result, const char *what) {
    if (result >= 0) return;
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    _exit(125);
}

static void put(const char *directory, const char *file, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, file);
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    if (write(descriptor, text, strlen(text)) < 0) {}
    close(descriptor);
}

static void make_cgroups(void) {
    is_unified = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
    const char *names[] = {"devices", "pids", "memory", "cpu"};
    for (int i = 0; i < (is_unified ? 1 : 4); i++) {
        char *path = cgroups[cgroup_count];
        snprintf(path, sizeof cgroups[0], "/sys/fs/cgroup/%s%sfloor-%d", is_unified ? "" : names[i],
                 is_unified ? "" : "/", getpid());
        if (mkdir(path, 0755) == 0) cgroup_count++;
    }
    if (is_unified) {
        put(cgroups[0], "pids.max", "4096");
        return;
    }
    put(cgroups[0], "devices.deny", "a");
    const char *allowed[] = {"c *:* m", "b *:* m", "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm",
                             "c 1:8 rwm", "c 1:9 rwm", "c 5:0 rwm", "c 5:2 rwm", "c 136:* rwm"};
    for (unsigned i = 0; i < sizeof allowed / sizeof *allowed; i++)
        put(cgroups[0], "devices.allow", allowed[i]);
    put(cgroups[1], "pids.max", "4096");
}

static void raise_loopback(void) {
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    ioctl(s, SIOCSIFFLAGS, &request);
    close(s);
}

static void make_devices(void) {
    must(mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=65536k"), "/dev");
    struct { const char *path; int major, minor; } nodes[] = {
        {"dev/null", 1, 3}, {"dev/zero", 1, 5}, {"dev/full", 1, 7},
        {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0}};
    umask(0);
    for (int i = 0; i < 6; i++)
        must(mknod(nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)), "node");
    mkdir("dev/pts", 0755), mkdir("dev/shm", 01777), mkdir("dev/mqueue", 01777);
    must(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620"), "pts");
    must(mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=65536k"), "shm");
    must(mount("mqueue", "dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0), "mqueue");
    const char *links[][2] = {{"/proc/self/fd", "dev/fd"}, {"/proc/self/fd/0", "dev/stdin"},
                              {"/proc/self/fd/1", "dev/stdout"}, {"/proc/self/fd/2", "dev/stderr"},
                              {"pts/ptmx", "dev/ptmx"}};
    for (int i = 0; i < 5; i++) must(symlink(links[i][0], links[i][1]), "link");
}

static void mask(void) {
    const char *read_only[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger"};
    for (int i = 0; i < 5; i++)
        if (mount(read_only[i], read_only[i], 0, MS_BIND | MS_REC, 0) == 0)
            mount(0, read_only[i], 0, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, 0);
    const char *files[] = {"proc/kcore", "proc/keys", "proc/timer_list", "proc/kallsyms",
                           "proc/config.gz", "proc/interrupts", "proc/sched_debug", "proc/latency_stats"};
    for (int i = 0; i < 8; i++) mount("dev/null", files[i], 0, MS_BIND, 0);
    const char *directories[] = {"proc/acpi", "proc/scsi", "sys/firmware", "sys/fs", "sys/module", "sys/power"};
    for (int i = 0; i < 6; i++) mount("tmpfs", directories[i], "tmpfs", MS_RDONLY, "size=0");
}

// 330 numbers allowed one after the other: as long as an engine's filter.
static void load_filter(void) {
    static struct sock_filter code[400];
    unsigned n = 0;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4);
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
    for (unsigned call = 0; call < 330; call++) {
        if (n % 120 == 0) code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, call, 0, 0);
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = n, .filter = code};
    must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "filter");
}

static void drop_capabilities(void) {
    unsigned long kept = 0xa80425fb;
    for (int i = 0; i <= 40; i++)
        if (!(kept >> i & 1)) prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{.effective = kept, .permitted = kept}};
    must(syscall(SYS_capset, &header, data), "capabilities");
}

static void inside(const char *rootfs, const char *work, int has_network, char **program) {
    for (int i = 0; i < cgroup_count; i++) put(cgroups[i], is_unified ? "cgroup.procs" : "tasks", "0");
    must(unshare(CLONE_NEWCGROUP), "cgroup namespace");
    sethostname("floor", 5);
    if (has_network) raise_loopback();
    must(mount(0, "/", 0, MS_REC | MS_SLAVE, 0), "slave");
    char options[1024], merged[256];
    snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s/upper,workdir=%s/work", rootfs, work, work);
    snprintf(merged, sizeof merged, "%s/merged", work);
    must(mount("overlay", merged, "overlay", MS_NODEV, options), "overlay");
    must(chdir(merged), "root");
    mkdir("proc", 0755), mkdir("sys", 0755), mkdir("dev", 0755);
    must(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0), "proc");
    must(mount("sysfs", "sys", "sysfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, 0), "sys");
    make_devices();
    mask();
    must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
    must(umount2(".", MNT_DETACH), "old root");
    must(chdir("/"), "/");
    drop_capabilities();
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
    load_filter();
    char *environment[] = {"PATH=/bin:/usr/bin", "HOME=/root", 0};
    execve(program[0], program, environment);
    must(-1, program[0]);
}

int main(int count, char **words) {
    if (count < 5) return 2;
    int is_wired = strcmp(words[3], "default") == 0, has_network = is_wired || strcmp(words[3], "none") == 0, status;
    char work[160], path[256];
    snprintf(work, sizeof work, "%s/floor-%d", words[2], getpid());
    must(mkdir(work, 0700), "work directory");
    const char *parts[] = {"upper", "work", "merged"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", work, parts[i]);
        must(mkdir(path, 0755), path);
    }
    make_cgroups();
    int namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
    if (has_network && !is_wired) namespaces |= CLONE_NEWNET;
    if (is_wired) make_network(), enter_network(1);
    int child = syscall(SYS_clone, namespaces | SIGCHLD, 0, 0, 0, 0);
    must(child, "clone");
    if (child == 0) inside(words[1], work, has_network, words + 4);
    if (is_wired) enter_network(0);
    waitpid(child, &status, 0);
    if (is_wired) remove_network();
    for (int i = 0; i < cgroup_count; i++) rmdir(cgroups[i]);
    const char *made[] = {"upper/proc", "upper/sys", "upper/dev", "upper", "work/work", "work", "merged", ""};
    for (int i = 0; i < 8; i++) {
        snprintf(path, sizeof path, "%s/%s", work, made[i]);
        rmdir(path);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
