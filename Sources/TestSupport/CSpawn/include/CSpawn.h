#pragma once

/// Starts a program and returns its process id, or a negative error number.
///
/// Words and variables are texts one after the other, each with a zero at its end; a negative count of
/// variables hands on the caller's environment. The program begins with no signal blocked or ignored.
int CSpawnStart(const char *words, int word_count, const char *variables, int variable_count,
                const char *directory, const char *input, const char *output, const char *errors);

/// Waits for a program's end: its exit code, 128 and the signal that ended it, or -1 when time is up.
int CSpawnWait(int process, int milliseconds);

/// Whether the program has not ended; it may still be waited for.
int CSpawnIsRunning(int process);

// A server's socket on 127.0.0.1; the port is chosen by the kernel. Negative results are errors.
int CServerListen(int *port);
// Waits for a client; negative once the socket is shut down.
int CServerAccept(int listener);
long CServerRead(int client, void *bytes, long count);
// Sends everything; negative if the client is gone.
int CServerWrite(int client, const void *bytes, long count);
// Ends a connection; with `reset` so that the other side gets an error instead of an end.
void CServerClose(int client, int reset);
// Wakes whoever waits for a client, and closes.
void CServerShut(int listener);
