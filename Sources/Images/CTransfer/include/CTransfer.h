// libcurl as Swift sees it: one exchange at a time on a handle that keeps its connections, and the parsing of URLs.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Must be called once before the first thread.
int transfer_start(void);

// URLs, read by the same parser that later connects to them.

enum transfer_url_part {
    TRANSFER_URL_WHOLE,
    TRANSFER_URL_SCHEME,
    TRANSFER_URL_HOST,
    TRANSFER_URL_PORT,
    TRANSFER_URL_PATH,
    TRANSFER_URL_QUERY,
    TRANSFER_URL_USER,
    TRANSFER_URL_FRAGMENT,
};

typedef struct transfer_url transfer_url;

// Reads an absolute URL, or one relative to `base`; NULL if it isn't one.
transfer_url *transfer_url_open(const char *text, const transfer_url *base);
// The part as a new string for free(); NULL if there is none.
char *transfer_url_part(const transfer_url *url, int part);
void transfer_url_close(transfer_url *url);
void transfer_free(char *text);

// Exchanges.

typedef struct transfer_handle transfer_handle;

enum transfer_method { TRANSFER_GET, TRANSFER_HEAD, TRANSFER_SEND };

enum transfer_outcome {
    TRANSFER_OK = 0,
    TRANSFER_STOPPED = 1,      // a callback said so
    TRANSFER_RESOLVE = 2,      // the host has no address
    TRANSFER_CONNECT = 3,      // nobody answers there
    TRANSFER_TLS = 4,          // no secure connection
    TRANSFER_SLOW = 5,         // too slow, or too long
    TRANSFER_BROKEN = 6,       // the connection broke, or the body is shorter than it should be
    TRANSFER_PROTOCOL = 7,     // not HTTP
    TRANSFER_PROXY = 8,
    TRANSFER_OTHER = 9,
};

typedef struct {
    int method;                        // enum transfer_method
    const char *verb;                  // for TRANSFER_SEND: POST, PUT, PATCH, DELETE
    const char *url;
    const char *const *headers;        // "Name: value", ended by NULL
    const char *proxy;                 // "" for none
    const char *user_agent;
    const char *authority_file;        // certificates of authorities; NULL for the system's
    int verifies;                      // 0 accepts any certificate
    int64_t connect_milliseconds;
    int64_t idle_seconds;              // with less than idle_rate bytes a second for so long it ends
    int64_t idle_rate;
    int64_t total_milliseconds;        // 0 for no limit
    int64_t body_length;               // for TRANSFER_SEND
    void *context;
    // Each returns 0 to go on; a count of bytes for `produce`, -1 to stop.
    int (*header)(void *context, const uint8_t *line, size_t count);
    int (*consume)(void *context, const uint8_t *bytes, size_t count);
    int64_t (*produce)(void *context, uint8_t *bytes, size_t room);
    int (*rewind)(void *context);
    int (*check)(void *context);       // about every second, and at every piece
} transfer_exchange;

transfer_handle *transfer_open(void);
// Performs one exchange; `message` gets the reason in words, `status` the last status line's number.
int transfer_perform(transfer_handle *handle, const transfer_exchange *exchange, int *status, char message[256]);
void transfer_close(transfer_handle *handle);
