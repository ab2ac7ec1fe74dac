#include "CTransfer.h"

#include <curl/curl.h>
#include <stdlib.h>

transfer_url *transfer_url_open(const char *text, const transfer_url *base) {
    CURLU *url = base ? curl_url_dup((CURLU *)base) : curl_url();
    if (url == NULL) return NULL;
    if (curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK) return (transfer_url *)url;
    curl_url_cleanup(url);
    return NULL;
}

char *transfer_url_part(const transfer_url *url, int part) {
    static const CURLUPart parts[] = {
        CURLUPART_URL, CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT,
        CURLUPART_PATH, CURLUPART_QUERY, CURLUPART_USER, CURLUPART_FRAGMENT,
    };
    if (part < 0 || (size_t)part >= sizeof parts / sizeof *parts) return NULL;
    char *text = NULL;
    unsigned flags = part == TRANSFER_URL_PORT ? CURLU_DEFAULT_PORT : 0;
    if (curl_url_get((CURLU *)url, parts[part], &text, flags) != CURLUE_OK) return NULL;
    return text;
}

void transfer_url_close(transfer_url *url) { curl_url_cleanup((CURLU *)url); }

void transfer_free(char *text) { curl_free(text); }
