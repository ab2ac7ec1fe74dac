#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char **pointers(const char *texts, int count) {
    char **all = calloc(count + 1, sizeof *all);
    for (int i = 0; all && i < count; i++, texts += strlen(texts) + 1) all[i] = (char *)texts;
    return all;
}

int CSpawnStart(const char *words, int word_count, const char *variables, int variable_count,
                const char *directory, const char *input, const char *output, const char *errors) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, input, O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_addopen(&files, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_addclosefrom_np(&files, 3);
    posix_spawn_file_actions_addchdir_np(&files, directory);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    char **arguments = pointers(words, word_count);
    char **environment = variable_count < 0 ? environ : pointers(variables, variable_count);
    pid_t process;
    int error = posix_spawn(&process, arguments[0], &files, &attributes, arguments, environment);
    if (variable_count >= 0) free(environment);
    free(arguments);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return error ? -error : process;
}

int CSpawnWait(int process, int milliseconds) {
    int handle = syscall(SYS_pidfd_open, process, 0);
    struct pollfd waited = {.fd = handle, .events = POLLIN};
    int ready;
    while ((ready = poll(&waited, 1, milliseconds)) < 0 && errno == EINTR) {}
    close(handle);
    if (ready == 0) return -1;
    int status = 0;
    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR) return 255;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int CSpawnIsRunning(int process) {
    siginfo_t information = {0};
    int result = waitid(P_PID, process, &information, WEXITED | WNOHANG | WNOWAIT);
    return result == 0 && information.si_pid == 0;
}
