#pragma once
#include <stddef.h>
#include <stdint.h>
long sys_write(int fd, const void *p, size_t n);
_Noreturn void sys_exit(int c);
