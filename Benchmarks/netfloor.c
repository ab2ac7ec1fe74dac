// What floor.c makes for the network `default`: the kernel's objects, by the fewest messages, and nothing else.
//
// The rules are those of Sources/Pods/PodNetworking/Host/HostTable.swift, one by one. Addresses come from the process id,
// and nothing is looked up, leased, recorded or checked. Who closes the socket by which rules were removed waits until no
// packet can be on its way through them any more: some ten milliseconds, that are left to a child, as rkt leaves them.

#define _GNU_SOURCE
#include "netfloor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Messages, put together and sent at once.

static char buffer[32768];
static size_t used, message;
static int host_namespace, pod_namespace;

static void fail(const char *what) {
    fprintf(stderr, "floor: network: %s: %s\n", what, strerror(errno));
    _exit(125);
}

static void add(const void *data, size_t size) {
    if (size) memcpy(buffer + used, data, size);
    used += size;
    while (used % 4) buffer[used++] = 0;
}

static void end_message(void) { ((struct nlmsghdr *)(buffer + message))->nlmsg_len = used - message; }

static void begin(int type, int flags, const void *body, size_t size) {
    message = used;
    struct nlmsghdr header = {.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags};
    add(&header, sizeof header);
    add(body, size);
    end_message();
}

static size_t open_attribute(int type) {
    size_t start = used;
    struct rtattr header = {.rta_type = type};
    add(&header, sizeof header);
    return start;
}

static void close_attribute(size_t start, size_t length) {
    ((struct rtattr *)(buffer + start))->rta_len = length;
    end_message();
}

static size_t nest(int type) { return open_attribute(type | NLA_F_NESTED); }
static void end_nest(size_t start) { close_attribute(start, used - start); }

static void put_bytes(int type, const void *data, size_t size) {
    size_t start = open_attribute(type);
    add(data, size);
    close_attribute(start, 4 + size);
}

static void put_text(int type, const char *text) { put_bytes(type, text, strlen(text) + 1); }
static void put_number(int type, uint32_t number) { put_bytes(type, &number, 4); }
static void put_big(int type, uint32_t number) { put_number(type, htonl(number)); }

// The last message asks for an acknowledgement; the first error counts.
static void send_all(int socket, const char *what) {
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    ((struct nlmsghdr *)(buffer + message))->nlmsg_flags |= NLM_F_ACK;
    if (sendto(socket, buffer, used, 0, (void *)&kernel, sizeof kernel) < 0) fail(what);
    used = 0;
    char answer[8192];
    if (recv(socket, answer, sizeof answer, 0) < 0) fail(what);
    struct nlmsgerr *error = NLMSG_DATA((struct nlmsghdr *)answer);
    if (error->error) errno = -error->error, fail(what);
}

static int netlink(int protocol) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK};
    int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), on = 1;
    setsockopt(s, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
    if (s < 0 || bind(s, (void *)&address, sizeof address) < 0) fail("socket");
    return s;
}

// The wire.

enum { host_end = 1, pod_end = 2 };
static int host_index;
static const unsigned char host_hardware[6] = {2, 0, 0, 0, 0, 1}, pod_hardware[6] = {6, 0, 0, 0, 0, 1};
static char host_name[IFNAMSIZ], pod_four[16], pod_six[40];

static const char *four(int end) { return end == host_end ? "172.16.28.1" : pod_four; }
static const char *six(int end) { return end == host_end ? "fd00:0:0:1::c01" : pod_six; }

// 4 or 16 bytes of an address.
static size_t parse(const char *text, unsigned char *bytes) {
    int family = strchr(text, ':') ? AF_INET6 : AF_INET;
    inet_pton(family, text, bytes);
    return family == AF_INET ? 4 : 16;
}

static void add_pair(void) {
    struct ifinfomsg here = {.ifi_index = host_index}, there = {.ifi_index = 2};
    begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &here, sizeof here);
    put_text(IFLA_IFNAME, host_name);
    put_bytes(IFLA_ADDRESS, host_hardware, 6);
    size_t information = nest(IFLA_LINKINFO);
    put_text(IFLA_INFO_KIND, "veth");
    size_t details = nest(IFLA_INFO_DATA), peer = nest(VETH_INFO_PEER);
    add(&there, sizeof there);
    put_text(IFLA_IFNAME, "eth0");
    put_bytes(IFLA_ADDRESS, pod_hardware, 6);
    put_number(IFLA_NET_NS_FD, pod_namespace);
    end_nest(peer), end_nest(details), end_nest(information);
}

static void bring_up(int index) {
    struct ifinfomsg link = {.ifi_index = index};
    begin(RTM_NEWLINK, 0, &link, sizeof link);
    size_t families = nest(IFLA_AF_SPEC), inet6 = nest(AF_INET6);
    unsigned char none = IN6_ADDR_GEN_MODE_NONE;
    put_bytes(IFLA_INET6_ADDR_GEN_MODE, &none, 1);
    end_nest(inet6);
    size_t inet = nest(AF_INET), settings = nest(IFLA_INET_CONF);
    put_number(IPV4_DEVCONF_ACCEPT_REDIRECTS, 0), put_number(IPV4_DEVCONF_SEND_REDIRECTS, 0);
    end_nest(settings), end_nest(inet), end_nest(families);
    link.ifi_flags = link.ifi_change = IFF_UP;
    begin(RTM_NEWLINK, 0, &link, sizeof link);
}

static void add_address(int index, const char *text, int length) {
    unsigned char bytes[16];
    size_t size = parse(text, bytes);
    struct ifaddrmsg body = {.ifa_family = size == 4 ? AF_INET : AF_INET6, .ifa_prefixlen = length, .ifa_index = index};
    begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    put_bytes(IFA_LOCAL, bytes, size);
    put_bytes(IFA_ADDRESS, bytes, size);
    put_number(IFA_FLAGS, IFA_F_NODAD | IFA_F_NOPREFIXROUTE);
}

// A route to one address, or to everything by a gateway.
static void add_route(int index, const char *to, const char *gateway, const char *source) {
    unsigned char bytes[16];
    size_t size = parse(to ? to : gateway, bytes);
    struct rtmsg body = {.rtm_family = size == 4 ? AF_INET : AF_INET6, .rtm_dst_len = to ? 8 * size : 0,
                         .rtm_table = RT_TABLE_MAIN, .rtm_protocol = 82, .rtm_type = RTN_UNICAST,
                         .rtm_scope = to && size == 4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE};
    begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    put_bytes(to ? RTA_DST : RTA_GATEWAY, bytes, size);
    put_number(RTA_OIF, index);
    if (source) parse(source, bytes), put_bytes(RTA_PREFSRC, bytes, size);
}

static void add_neighbour(int index, const char *text, const unsigned char *hardware) {
    unsigned char bytes[16];
    size_t size = parse(text, bytes);
    struct ndmsg body = {.ndm_family = size == 4 ? AF_INET : AF_INET6, .ndm_ifindex = index, .ndm_state = NUD_PERMANENT};
    begin(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &body, sizeof body);
    put_bytes(NDA_DST, bytes, size);
    put_bytes(NDA_LLADDR, hardware, 6);
}

static void make_wire(int host, int pod) {
    const char *addresses[2][2] = {{four(host_end), four(pod_end)}, {six(host_end), six(pod_end)}};
    add_pair();
    bring_up(host_index);
    for (int i = 0; i < 2; i++) add_address(host_index, addresses[i][0], i ? 128 : 32);
    for (int i = 0; i < 2; i++) add_route(host_index, addresses[i][1], 0, addresses[i][0]);
    for (int i = 0; i < 2; i++) add_neighbour(host_index, addresses[i][1], pod_hardware);
    send_all(host, "the host's end");
    bring_up(2);
    for (int i = 0; i < 2; i++) {
        add_address(2, addresses[i][1], i ? 64 : 20);
        add_route(2, addresses[i][0], 0, 0);
        add_neighbour(2, addresses[i][0], host_hardware);
        add_route(2, 0, addresses[i][0], 0);
    }
    send_all(pod, "the pod's end");
}

// The rules.

static void filter_message(int type, int flags) {
    struct nfgenmsg body = {.nfgen_family = NFPROTO_INET};
    begin(NFNL_SUBSYS_NFTABLES << 8 | type, flags, &body, sizeof body);
}

static void bracket(int type) {
    struct nfgenmsg body = {.res_id = htons(NFNL_SUBSYS_NFTABLES)};
    begin(type, 0, &body, sizeof body);
}

// The end of a transaction isn't acknowledged by all kernels, its last change is.
static void send_transaction(int socket, const char *what) {
    size_t last = message;
    bracket(NFNL_MSG_BATCH_END);
    message = last;
    send_all(socket, what);
}

static void chain(const char *name, const char *kind, int hook, int priority) {
    filter_message(NFT_MSG_NEWCHAIN, NLM_F_CREATE);
    put_text(NFTA_CHAIN_TABLE, "floor");
    put_text(NFTA_CHAIN_NAME, name);
    size_t place = nest(NFTA_CHAIN_HOOK);
    put_big(NFTA_HOOK_HOOKNUM, hook), put_big(NFTA_HOOK_PRIORITY, priority);
    end_nest(place);
    put_text(NFTA_CHAIN_TYPE, kind);
}

static size_t rule_expressions, expression_item, expression_data;

static void rule(const char *chain) {
    filter_message(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
    put_text(NFTA_RULE_TABLE, "floor");
    put_text(NFTA_RULE_CHAIN, chain);
    rule_expressions = nest(NFTA_RULE_EXPRESSIONS);
}

static void end_rule(void) { end_nest(rule_expressions); }

static void expression(const char *name) {
    expression_item = nest(NFTA_LIST_ELEM);
    put_text(NFTA_EXPR_NAME, name);
    expression_data = nest(NFTA_EXPR_DATA);
}

static void end_expression(void) { end_nest(expression_data), end_nest(expression_item); }

static void put_value(int type, const void *data, size_t size) {
    size_t value = nest(type);
    put_bytes(NFTA_DATA_VALUE, data, size);
    end_nest(value);
}

static void meta(int key) {
    expression("meta");
    put_big(NFTA_META_DREG, NFT_REG32_00), put_big(NFTA_META_KEY, key);
    end_expression();
}

static void payload(int base, int offset, int length, int target) {
    expression("payload");
    put_big(NFTA_PAYLOAD_DREG, target), put_big(NFTA_PAYLOAD_BASE, base);
    put_big(NFTA_PAYLOAD_OFFSET, offset), put_big(NFTA_PAYLOAD_LEN, length);
    end_expression();
}

static void compare(int how, const void *value, size_t size) {
    expression("cmp");
    put_big(NFTA_CMP_SREG, NFT_REG32_00), put_big(NFTA_CMP_OP, how), put_value(NFTA_CMP_DATA, value, size);
    end_expression();
}

static void equals(unsigned char byte) { compare(NFT_CMP_EQ, &byte, 1); }

static void bits(const void *mask, size_t size) {
    char zeros[16] = {0};
    expression("bitwise");
    put_big(NFTA_BITWISE_SREG, NFT_REG32_00), put_big(NFTA_BITWISE_DREG, NFT_REG32_00);
    put_big(NFTA_BITWISE_LEN, size), put_value(NFTA_BITWISE_MASK, mask, size), put_value(NFTA_BITWISE_XOR, zeros, size);
    end_expression();
}

static void fib(int result, int flags) {
    expression("fib");
    put_big(NFTA_FIB_DREG, NFT_REG32_00), put_big(NFTA_FIB_RESULT, result), put_big(NFTA_FIB_FLAGS, flags);
    end_expression();
}

static void verdict(int code) {
    expression("immediate");
    put_big(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    size_t data = nest(NFTA_IMMEDIATE_DATA), inner = nest(NFTA_DATA_VERDICT);
    put_big(NFTA_VERDICT_CODE, code);
    end_nest(inner), end_nest(data);
    end_expression();
}

static void masquerade(void) { expression("masq"), end_expression(); }
static void version(int family) { meta(NFT_META_NFPROTO), equals(family); }
static void interface(int key, int how, const char *name) { meta(key), compare(how, name, strlen(name)); }

static void source_in(int is_six, const char *prefix, int length) {
    unsigned char bytes[16], mask[16] = {0};
    size_t size = parse(prefix, bytes);
    for (int i = 0; i < length; i++) mask[i / 8] |= 0x80 >> i % 8;
    payload(NFT_PAYLOAD_NETWORK_HEADER, is_six ? 8 : 12, size, NFT_REG32_00);
    bits(mask, size), compare(NFT_CMP_EQ, bytes, size);
}

static void destination_is_not(const char *address) {
    unsigned char bytes[16];
    size_t size = parse(address, bytes);
    payload(NFT_PAYLOAD_NETWORK_HEADER, size == 4 ? 16 : 24, size, NFT_REG32_00);
    compare(NFT_CMP_NEQ, bytes, size);
}

// Maps of ports: by address and port for both versions, then by port alone.
static const char *const map_names[] = {"ports4", "ports6", "any-ports4", "any-ports6"};

static void add_map(int i) {
    int address = i % 2 ? 8 : 7, size = i % 2 ? 16 : 4, has_address = i < 2;
    filter_message(NFT_MSG_NEWSET, NLM_F_CREATE);
    put_text(NFTA_SET_TABLE, "floor"), put_text(NFTA_SET_NAME, map_names[i]), put_big(NFTA_SET_FLAGS, NFT_SET_MAP);
    put_big(NFTA_SET_KEY_TYPE, has_address ? (12 << 6 | address) << 6 | 13 : 12 << 6 | 13);
    put_big(NFTA_SET_KEY_LEN, has_address ? 8 + size : 8);
    put_big(NFTA_SET_DATA_TYPE, address << 6 | 13), put_big(NFTA_SET_DATA_LEN, size + 4), put_big(NFTA_SET_ID, i + 1);
}

static void port_rule(const char *chain, int i) {
    int is_six = i % 2, has_address = i < 2, words = is_six ? 4 : 1, kind[1] = {2};
    rule(chain), version(is_six ? AF_INET6 : AF_INET);
    fib(NFT_FIB_RESULT_ADDRTYPE, NFTA_FIB_F_DADDR), compare(NFT_CMP_EQ, kind, 4), meta(NFT_META_L4PROTO);
    if (has_address) payload(NFT_PAYLOAD_NETWORK_HEADER, is_six ? 24 : 16, 4 * words, NFT_REG32_01);
    payload(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, NFT_REG32_00 + (has_address ? 1 + words : 1));
    expression("lookup");
    put_text(NFTA_LOOKUP_SET, map_names[i]), put_big(NFTA_LOOKUP_SREG, NFT_REG32_00);
    put_big(NFTA_LOOKUP_DREG, NFT_REG32_00), put_big(NFTA_LOOKUP_SET_ID, i + 1);
    end_expression();
    expression("nat");
    put_big(NFTA_NAT_TYPE, NFT_NAT_DNAT), put_big(NFTA_NAT_FAMILY, is_six ? AF_INET6 : AF_INET);
    put_big(NFTA_NAT_REG_ADDR_MIN, NFT_REG32_00), put_big(NFTA_NAT_REG_PROTO_MIN, NFT_REG32_00 + words);
    end_expression(), end_rule();
}

static void guard_rules(void) {
    unsigned none = 0, types[] = {134, 137, 5};
    chain("guard", "filter", NF_INET_PRE_ROUTING, -300);
    rule("guard"), interface(NFT_META_IIFNAME, NFT_CMP_NEQ, "flo"), verdict(NF_ACCEPT), end_rule();
    for (int i = 0; i < 3; i++) {
        rule("guard"), version(i < 2 ? AF_INET6 : AF_INET);
        meta(NFT_META_L4PROTO), equals(i < 2 ? 58 : 1);
        payload(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, NFT_REG32_00), equals(types[i]), verdict(NF_DROP), end_rule();
    }
    rule("guard"), fib(NFT_FIB_RESULT_OIF, NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF), compare(NFT_CMP_EQ, &none, 4);
    verdict(NF_DROP), end_rule();
    rule("guard"), interface(NFT_META_IIFNAME, NFT_CMP_EQ, "flor"), version(AF_INET), destination_is_not("172.31.0.1");
    verdict(NF_DROP), end_rule();
    rule("guard"), interface(NFT_META_IIFNAME, NFT_CMP_EQ, "flor"), version(AF_INET6);
    destination_is_not("fd00:0:0:2::1"), verdict(NF_DROP), end_rule();
}

static void masquerade_rules(void) {
    const char *prefixes[2] = {"172.16.16.0", "fd00:0:0:1::"}, *loopbacks[2] = {"127.0.0.0", "::1"};
    int lengths[2] = {20, 64}, loopback_lengths[2] = {8, 128}, redirected = 0x20, none = 0;
    chain("leaving", "nat", NF_INET_POST_ROUTING, 100);
    for (int i = 0; i < 2; i++) {
        rule("leaving"), version(i ? AF_INET6 : AF_INET), source_in(i, prefixes[i], lengths[i]);
        interface(NFT_META_OIFNAME, NFT_CMP_NEQ, "flo"), masquerade(), end_rule();
    }
    for (int i = 0; i < 4; i++) {
        rule("leaving"), interface(NFT_META_OIFNAME, NFT_CMP_EQ, "flo");
        expression("ct"), put_big(NFTA_CT_DREG, NFT_REG32_00), put_big(NFTA_CT_KEY, NFT_CT_STATUS), end_expression();
        bits(&redirected, 4), compare(NFT_CMP_NEQ, &none, 4), version(i % 2 ? AF_INET6 : AF_INET);
        source_in(i % 2, i < 2 ? prefixes[i] : loopbacks[i - 2], i < 2 ? lengths[i] : loopback_lengths[i - 2]);
        masquerade(), end_rule();
    }
}

static void make_table(void) {
    int s = netlink(NETLINK_NETFILTER);
    bracket(NFNL_MSG_BATCH_BEGIN);
    filter_message(NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
    put_text(NFTA_TABLE_NAME, "floor"), put_big(NFTA_TABLE_FLAGS, 0);
    for (int i = 0; i < 4; i++) add_map(i);
    guard_rules();
    chain("ports", "nat", NF_INET_PRE_ROUTING, -100);
    for (int i = 0; i < 4; i++) port_rule("ports", i);
    chain("local-ports", "nat", NF_INET_LOCAL_OUT, -100);
    for (int i = 0; i < 4; i++) port_rule("local-ports", i);
    chain("restrict", "filter", NF_INET_FORWARD, 0);
    rule("restrict"), interface(NFT_META_OIFNAME, NFT_CMP_EQ, "flor"), verdict(NF_DROP), end_rule();
    masquerade_rules();
    send_transaction(s, "the rules");
    close(s);
}

// What floor.c calls.

void enter_network(int is_pod) {
    if (setns(is_pod ? pod_namespace : host_namespace, CLONE_NEWNET) < 0) fail("enter a namespace");
}

void make_network(void) {
    host_index = 0x10000000 | getpid();
    // Each start has an address of its own: the route of the one before goes when the kernel buries its namespace.
    int number = getpid() % 2048 + 2;
    snprintf(host_name, sizeof host_name, "flon%d", getpid());
    snprintf(pod_four, sizeof pod_four, "172.16.%d.%d", 16 + number / 256, number % 256);
    snprintf(pod_six, sizeof pod_six, "fd00:0:0:1::%x", number);
    host_namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    int host = netlink(NETLINK_ROUTE);
    if (unshare(CLONE_NEWNET) < 0) fail("make a namespace");
    pod_namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    int pod = netlink(NETLINK_ROUTE);
    enter_network(0);
    make_table();
    make_wire(host, pod);
    close(host), close(pod);
}

void remove_network(void) {
    int s = netlink(NETLINK_NETFILTER);
    bracket(NFNL_MSG_BATCH_BEGIN);
    filter_message(NFT_MSG_DELTABLE, 0);
    put_text(NFTA_TABLE_NAME, "floor");
    send_transaction(s, "remove the rules");
    int ends[2];
    if (pipe(ends) < 0) fail("pipe");
    if (fork() == 0) {
        char byte;
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) < 0);
    }
    close(s);
}
