// Sockets: netlink, and holding a port of the host.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// A netlink socket of one of the kernel's protocols.
int linux_netlink(int protocol);
// Sends whole; the kernel answers before this returns.
ssize_t linux_netlink_send(int fd, const void *messages, size_t size);
// The next datagram of the kernel's, EAGAIN if there is none and `wait` is 0.
ssize_t linux_netlink_receive(int fd, void *buffer, size_t size, int wait);
// The index of an interface in this process's network namespace.
int linux_interface_index(const char *name);
// A socket bound to an address of 4 or 16 bytes and a port; it takes no connection.
int linux_bind_port(int is_datagram, const uint8_t *address, size_t length, uint16_t port);
