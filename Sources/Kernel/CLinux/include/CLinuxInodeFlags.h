// Flags of files that forbid to remove them (chattr +i, +a).
#pragma once

// 1 if there were any, 0 if not, or a negative errno.
int linux_clear_removal_flags(int fd);
