#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int linux_netlink(int protocol) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (fd < 0) return -errno;
    // Answers repeat only the header of what they refuse.
    int on = 1;
    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
    // Dumps are filtered by what is asked for.
    setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
    struct sockaddr_nl address = {.nl_family = AF_NETLINK};
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

ssize_t linux_netlink_send(int fd, const void *messages, size_t size) {
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    ssize_t result;
    do
        result = sendto(fd, messages, size, 0, (struct sockaddr *)&kernel, sizeof kernel);
    while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : result;
}

ssize_t linux_netlink_receive(int fd, void *buffer, size_t size, int wait) {
    ssize_t result;
    do
        result = recv(fd, buffer, size, wait ? 0 : MSG_DONTWAIT);
    while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : result;
}

int linux_interface_index(const char *name) {
    unsigned index = if_nametoindex(name);
    return index ? (int)index : -errno;
}

int linux_bind_port(int is_datagram, const uint8_t *address, size_t length, uint16_t port) {
    int type = (is_datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC;
    int fd = socket(length == 4 ? AF_INET : AF_INET6, type, 0);
    if (fd < 0) return -errno;
    // Not SO_REUSEADDR: two sockets that don't listen would both get the port.
    int on = 1, result;
    if (length == 4) {
        struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
        memcpy(&name.sin_addr, address, 4);
        result = bind(fd, (struct sockaddr *)&name, sizeof name);
    } else {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
        struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
        memcpy(&name.sin6_addr, address, 16);
        result = bind(fd, (struct sockaddr *)&name, sizeof name);
    }
    if (result == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}
