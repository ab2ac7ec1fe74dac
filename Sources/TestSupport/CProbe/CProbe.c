#define _GNU_SOURCE
#include "CProbe.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

long CProbeCall(long number, long a, long b, long c, long d, long e, long f) {
    long result = syscall(number, a, b, c, d, e, f);
    return result == -1 ? -errno : result;
}

long CProbeCall32(long number, long a, long b, long c) {
#ifdef __x86_64__
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c)
                     : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
#else
    return -ENOSYS;
#endif
}

int CProbeFork(void) {
    int child = fork();
    return child < 0 ? -errno : child;
}

int CProbeWait(int child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return -errno;
    return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

void CProbeExit(int code) { _exit(code); }

int CProbeAllocate(long mebibytes) {
    for (long i = 0; i < mebibytes; i++) {
        char *p = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) return errno;
        memset(p, 1, 1 << 20);
    }
    return 0;
}

static volatile sig_atomic_t caught;

static void remember(int signal) { caught = signal; }

void CProbeCatch(int signal) {
    struct sigaction action = {.sa_handler = remember};
    sigaction(signal, &action, 0);
}

int CProbeCaught(int wait) {
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    while (wait && !caught) sigsuspend(&before);
    sigprocmask(SIG_SETMASK, &before, 0);
    return caught;
}
