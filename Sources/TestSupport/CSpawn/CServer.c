#define _GNU_SOURCE
#include "CSpawn.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int CServerListen(int *port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (listener < 0) return -1;
    if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
        close(listener);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return listener;
}

int CServerAccept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }

long CServerRead(int client, void *bytes, long count) { return recv(client, bytes, count, 0); }

int CServerWrite(int client, const void *bytes, long count) {
    while (count > 0) {
        long sent = send(client, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0) return -1;
        bytes = (const char *)bytes + sent;
        count -= sent;
    }
    return 0;
}

void CServerClose(int client, int reset) {
    if (reset) {
        struct linger now = {.l_onoff = 1, .l_linger = 0};
        setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    close(client);
}

void CServerShut(int listener) {
    shutdown(listener, SHUT_RDWR);
    close(listener);
}
