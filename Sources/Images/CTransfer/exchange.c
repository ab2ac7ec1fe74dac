#include "CTransfer.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

struct transfer_handle {
    CURL *curl;
};

int transfer_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -1; }

transfer_handle *transfer_open(void) {
    transfer_handle *handle = calloc(1, sizeof *handle);
    if (handle == NULL) return NULL;
    handle->curl = curl_easy_init();
    if (handle->curl != NULL) return handle;
    free(handle);
    return NULL;
}

void transfer_close(transfer_handle *handle) {
    curl_easy_cleanup(handle->curl);
    free(handle);
}

static size_t on_header(char *line, size_t size, size_t count, void *context) {
    const transfer_exchange *exchange = context;
    size_t length = size * count;
    // Anything but `length` ends the transfer.
    return exchange->header(exchange->context, (const uint8_t *)line, length) == 0 ? length : length + 1;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
    const transfer_exchange *exchange = context;
    size_t length = size * count;
    return exchange->consume(exchange->context, (const uint8_t *)bytes, length) == 0 ? length : length + 1;
}

static size_t on_read(char *bytes, size_t size, size_t count, void *context) {
    const transfer_exchange *exchange = context;
    int64_t made = exchange->produce(exchange->context, (uint8_t *)bytes, size * count);
    return made < 0 ? CURL_READFUNC_ABORT : (size_t)made;
}

static int on_seek(void *context, curl_off_t offset, int origin) {
    const transfer_exchange *exchange = context;
    if (offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
    return exchange->rewind(exchange->context) == 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const transfer_exchange *exchange = context;
    (void)a, (void)b, (void)c, (void)d;
    return exchange->check(exchange->context);
}

static int outcome(CURLcode code) {
    switch (code) {
    case CURLE_OK: return TRANSFER_OK;
    case CURLE_WRITE_ERROR:
    case CURLE_ABORTED_BY_CALLBACK: return TRANSFER_STOPPED;
    case CURLE_COULDNT_RESOLVE_HOST: return TRANSFER_RESOLVE;
    case CURLE_COULDNT_CONNECT: return TRANSFER_CONNECT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS: return TRANSFER_TLS;
    case CURLE_OPERATION_TIMEDOUT: return TRANSFER_SLOW;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return TRANSFER_BROKEN;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING: return TRANSFER_PROTOCOL;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY: return TRANSFER_PROXY;
    default: return TRANSFER_OTHER;
    }
}

static void set_protection(CURL *curl, const transfer_exchange *exchange) {
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, exchange->verifies ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, exchange->verifies ? 2L : 0L);
    if (exchange->authority_file) curl_easy_setopt(curl, CURLOPT_CAINFO, exchange->authority_file);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    // Redirects are followed by our own loop, which knows what may cross to another host.
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L);
    // Blobs are hashed as they are sent.
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, NULL);
    curl_easy_setopt(curl, CURLOPT_PROXY, exchange->proxy);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
    curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

static void set_times(CURL *curl, const transfer_exchange *exchange) {
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)exchange->connect_milliseconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)exchange->idle_seconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)exchange->idle_rate);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)exchange->total_milliseconds);
}

static void set_method(CURL *curl, const transfer_exchange *exchange) {
    switch (exchange->method) {
    case TRANSFER_HEAD: curl_easy_setopt(curl, CURLOPT_NOBODY, 1L); break;
    case TRANSFER_SEND:
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, exchange->verb);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)exchange->body_length);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
        curl_easy_setopt(curl, CURLOPT_READDATA, (void *)exchange);
        curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek);
        curl_easy_setopt(curl, CURLOPT_SEEKDATA, (void *)exchange);
        curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 512L << 10);
        break;
    default: curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    }
}

int transfer_perform(transfer_handle *handle, const transfer_exchange *exchange, int *status, char message[256]) {
    CURL *curl = handle->curl;
    char reason[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = NULL;
    *status = 0;
    message[0] = 0;
    for (const char *const *line = exchange->headers; line && *line; line++) {
        struct curl_slist *longer = curl_slist_append(headers, *line);
        if (longer == NULL) {
            curl_slist_free_all(headers);
            return TRANSFER_OTHER;
        }
        headers = longer;
    }
    // Everything but the connections is forgotten.
    curl_easy_reset(curl);
    set_protection(curl, exchange);
    set_times(curl, exchange);
    set_method(curl, exchange);
    curl_easy_setopt(curl, CURLOPT_URL, exchange->url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, exchange->user_agent);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 256L << 10);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, (void *)exchange);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, (void *)exchange);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)exchange);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    CURLcode code = curl_easy_perform(curl);
    long number = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &number);
    *status = (int)number;
    const char *words = reason[0] ? reason : curl_easy_strerror(code);
    strncpy(message, words, 255);
    message[255] = 0;
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    return outcome(code);
}
