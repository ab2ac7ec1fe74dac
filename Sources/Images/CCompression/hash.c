#include "CCompression.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

compression_hash *compression_hash_open(int bits) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL) return NULL;
    if (EVP_DigestInit_ex(context, bits == 512 ? EVP_sha512() : EVP_sha256(), NULL) == 1) return (compression_hash *)context;
    EVP_MD_CTX_free(context);
    return NULL;
}

int compression_hash_update(compression_hash *hash, const void *bytes, size_t count) {
    return EVP_DigestUpdate((EVP_MD_CTX *)hash, bytes, count) == 1 ? 0 : -1;
}

int compression_hash_finish(compression_hash *hash, uint8_t *digest) {
    return EVP_DigestFinal_ex((EVP_MD_CTX *)hash, digest, NULL) == 1 ? 0 : -1;
}

void compression_hash_close(compression_hash *hash) { EVP_MD_CTX_free((EVP_MD_CTX *)hash); }

int compression_hmac_sha256(const uint8_t *key, size_t key_length, const uint8_t *bytes, size_t count, uint8_t *code) {
    unsigned int length = 32;
    return HMAC(EVP_sha256(), key, (int)key_length, bytes, count, code, &length) != NULL && length == 32 ? 0 : -1;
}
