// Throughput and latency of one TCP connection over version 4 of IP.
//
//     traffic serve PORT            answers everybody, one after the other, for ever
//     traffic send ADDRESS PORT     sends 1 GiB and prints how many Gbit a second that were
//     traffic ask ADDRESS PORT      waits half a second, sends 20,000 single bytes, each after the answer to the one before; prints the mean in µs
//
// The first byte of a connection says what is wanted.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char block[1 << 17];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void answer(int s) {
    char kind;
    if (read(s, &kind, 1) != 1) return;
    if (kind == 'a')
        while (read(s, block, 1) == 1 && write(s, block, 1) == 1) {}
    else
        while (read(s, block, sizeof block) > 0) {}
    shutdown(s, SHUT_WR);
}

static void serve(int port) {
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port)};
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (void *)&own, sizeof own) < 0 || listen(listener, 16) < 0) fail("serve");
    for (;;) {
        int s = accept(listener, 0, 0);
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        answer(s);
        close(s);
    }
}

// The server may still be starting.
static int reach(const char *address, int port) {
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &peer.sin_addr);
    for (int tries = 0; tries < 200; tries++) {
        int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connect(s, (void *)&peer, sizeof peer) == 0) return s;
        close(s);
        usleep(20000);
    }
    fail("reach");
    return -1;
}

int main(int count, char **words) {
    if (count == 3 && !strcmp(words[1], "serve")) serve(atoi(words[2]));
    if (count != 4) return 2;
    int s = reach(words[2], atoi(words[3])), is_question = !strcmp(words[1], "ask");
    if (write(s, is_question ? "a" : "s", 1) != 1) fail("write");
    usleep(500000);  // what starting a pod leaves to the kernel is done by then
    double begin = now();
    if (is_question) {
        for (int i = 0; i < 20000; i++)
            if (write(s, block, 1) != 1 || read(s, block, 1) != 1) fail("ask");
        printf("%.2f\n", (now() - begin) * 1e6 / 20000);
        return 0;
    }
    for (size_t sent = 0; sent < 1 << 30; sent += sizeof block)
        for (size_t done = 0; done < sizeof block;) {
            ssize_t part = write(s, block + done, sizeof block - done);
            if (part <= 0) fail("send");
            done += part;
        }
    shutdown(s, SHUT_WR);
    if (read(s, block, 1) != 0) fail("end");
    printf("%.3f\n", 8 * (double)(1 << 30) / (now() - begin) / 1e9);
    return 0;
}
