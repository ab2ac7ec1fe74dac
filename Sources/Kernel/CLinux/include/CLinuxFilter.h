// Loading a seccomp filter into the calling thread.
#pragma once

#include <stddef.h>
#include <stdint.h>

// The instructions are `struct sock_filter`, eight bytes each.
int linux_load_filter(const uint64_t *instructions, size_t count);
