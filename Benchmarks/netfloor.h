// The kernel's own cost of a pod's network: the same objects that rkt makes for the network `default`.
#pragma once

// Makes a network namespace, a wire to it, addresses of both versions of IP, routes, neighbours and the table of rules.
// Afterwards this process is where it was.
void make_network(void);
// Enters the namespace, or comes back.
void enter_network(int is_pod);
// Takes the rules away; the rest goes with the namespace.
void remove_network(void);
