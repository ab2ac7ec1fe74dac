#pragma once

/// A system call as it is: the result, or the negative error number.
long CProbeCall(long number, long a, long b, long c, long d, long e, long f);

/// The same through the 32-bit entry of an x86-64 kernel; ENOSYS elsewhere.
long CProbeCall32(long number, long a, long b, long c);

/// A child that runs what follows: 0 in the child, its id in the parent.
int CProbeFork(void);

/// Waits for a child: its exit code, or 256 and the signal that ended it.
int CProbeWait(int child);

/// Ends the process without any tidying.
_Noreturn void CProbeExit(int code);

/// Writes into each page of this many MiB of fresh memory; 0, or the error number.
int CProbeAllocate(long mebibytes);

/// Remembers that a signal came instead of dying of it.
void CProbeCatch(int signal);

/// The last signal caught, 0 if none; waits for one first if `wait` says so.
int CProbeCaught(int wait);
