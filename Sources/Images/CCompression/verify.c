#include "CCompression.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>

struct compression_key {
    EVP_PKEY *key;
};

compression_key *compression_key_open(const uint8_t *pem, size_t count) {
    compression_key *result = calloc(1, sizeof *result);
    BIO *bytes = BIO_new_mem_buf(pem, (int)count);
    if (result != NULL && bytes != NULL) result->key = PEM_read_bio_PUBKEY(bytes, NULL, NULL, NULL);
    BIO_free(bytes);
    int type = result != NULL && result->key != NULL ? EVP_PKEY_get_base_id(result->key) : EVP_PKEY_NONE;
    int bits = type == EVP_PKEY_NONE ? 0 : EVP_PKEY_get_bits(result->key);
    if (type == EVP_PKEY_ED25519 || (type == EVP_PKEY_EC && bits >= 256) || (type == EVP_PKEY_RSA && bits >= 2048)) return result;
    compression_key_close(result);
    return NULL;
}

void compression_key_close(compression_key *key) {
    if (key == NULL) return;
    EVP_PKEY_free(key->key);
    free(key);
}

static int verify(EVP_PKEY *key, int padding, const uint8_t *bytes, size_t count, const uint8_t *signature, size_t length) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = NULL;
    const EVP_MD *digest = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? NULL : EVP_sha256();
    int good = context != NULL && EVP_DigestVerifyInit(context, &options, digest, NULL, key) == 1
        && (padding == 0 || EVP_PKEY_CTX_set_rsa_padding(options, padding) == 1)
        && EVP_DigestVerify(context, signature, length, bytes, count) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

int compression_key_verifies(const compression_key *key, const uint8_t *bytes, size_t count, const uint8_t *signature, size_t length) {
    if (length == 0) return 0;
    if (EVP_PKEY_get_base_id(key->key) != EVP_PKEY_RSA) return verify(key->key, 0, bytes, count, signature, length);
    return verify(key->key, RSA_PKCS1_PADDING, bytes, count, signature, length)
        || verify(key->key, RSA_PKCS1_PSS_PADDING, bytes, count, signature, length);
}
