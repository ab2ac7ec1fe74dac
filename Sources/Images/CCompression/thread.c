#include "CCompression.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct compression_thread {
    pthread_t thread;
    void (*body)(void *);
    void *context;
};

static void *run(void *argument) {
    compression_thread *thread = argument;
    thread->body(thread->context);
    return NULL;
}

compression_thread *compression_thread_start(void (*body)(void *), void *context) {
    compression_thread *thread = calloc(1, sizeof *thread);
    if (thread == NULL) return NULL;
    thread->body = body;
    thread->context = context;
    // Signals belong to the thread that started us.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int result = pthread_create(&thread->thread, NULL, run, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result == 0) return thread;
    free(thread);
    return NULL;
}

void compression_thread_join(compression_thread *thread) {
    pthread_join(thread->thread, NULL);
    free(thread);
}
