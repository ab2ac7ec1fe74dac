// The compression libraries, the hash functions and the thread primitives that Swift sees, each as a few plain functions.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Decompression. One call consumes input and fills output as far as either lasts.

typedef struct compression_decoder compression_decoder;

enum compression_kind {
    COMPRESSION_PLAIN = 0,
    COMPRESSION_GZIP = 1,
    COMPRESSION_BZIP2 = 2,
    COMPRESSION_XZ = 3,
    COMPRESSION_ZSTD = 4,
};

enum compression_status {
    COMPRESSION_OK = 0,
    COMPRESSION_CORRUPT = -1,
    COMPRESSION_MEMORY = -2,
};

// Returns NULL when there is no memory. `memory_limit` bounds what xz and zstd may take for their windows.
compression_decoder *compression_decoder_open(int kind, uint64_t memory_limit);
int compression_decoder_step(compression_decoder *decoder, const uint8_t *input, size_t *input_size, uint8_t *output, size_t *output_size);
// 1 when the input seen so far is complete: the last member, stream or frame has ended with its check.
int compression_decoder_is_complete(const compression_decoder *decoder);
void compression_decoder_close(compression_decoder *decoder);

// Hashes: `bits` is 256 or 512.

typedef struct compression_hash compression_hash;

compression_hash *compression_hash_open(int bits);
int compression_hash_update(compression_hash *hash, const void *bytes, size_t count);
int compression_hash_finish(compression_hash *hash, uint8_t *digest);
void compression_hash_close(compression_hash *hash);

// The keyed hash (HMAC-SHA256) of bytes, 32 bytes long.
int compression_hmac_sha256(const uint8_t *key, size_t key_length, const uint8_t *bytes, size_t count, uint8_t *code);

// A ring of buffers between one producing thread and several consuming ones, each of which sees everything.

typedef struct compression_ring compression_ring;

compression_ring *compression_ring_create(size_t slots, size_t slot_size, unsigned consumers);
void compression_ring_destroy(compression_ring *ring);
// Waits for a free slot; NULL when the ring was cancelled.
uint8_t *compression_ring_begin_write(compression_ring *ring);
void compression_ring_end_write(compression_ring *ring, size_t count);
// No more slots will be written.
void compression_ring_close(compression_ring *ring);
// Waits for a slot; NULL at the end or when the ring was cancelled.
const uint8_t *compression_ring_begin_read(compression_ring *ring, unsigned consumer, size_t *count);
void compression_ring_end_read(compression_ring *ring, unsigned consumer);
// Wakes everybody; every later call returns NULL.
void compression_ring_cancel(compression_ring *ring);
int compression_ring_is_cancelled(compression_ring *ring);

// Threads, with all signals blocked. Starting returns NULL when there are too many.

typedef struct compression_thread compression_thread;

compression_thread *compression_thread_start(void (*body)(void *), void *context);
// Waits for the thread and frees it.
void compression_thread_join(compression_thread *thread);

// Compression on several processors into one stream, with the sums of what goes in and of what comes out.

typedef struct compression_encoder compression_encoder;

typedef struct {
    uint64_t input_size, output_size;
    uint8_t input_digest[64];   // as many bytes as the hash has
    uint8_t output_digest[32];  // SHA-256
} compression_result;

// `kind` is PLAIN, GZIP or ZSTD; the stream is written to a descriptor that stays the caller's. Returns NULL when memory or
// threads run out.
compression_encoder *compression_encoder_open(int kind, int descriptor, int input_bits, unsigned workers);
// Where the next bytes go and how many fit; NULL after a failure.
uint8_t *compression_encoder_room(compression_encoder *encoder, size_t *room);
// So many bytes were put there.
void compression_encoder_add(compression_encoder *encoder, size_t count);
// Waits until all of it is written; an errno if it can't be.
int compression_encoder_finish(compression_encoder *encoder, compression_result *result);
void compression_encoder_close(compression_encoder *encoder);

unsigned compression_processors(void);

// Public keys: ECDSA with SHA-256 from 256 bits, RSA with SHA-256 (PKCS #1 or PSS) from 2048 bits, Ed25519.

typedef struct compression_key compression_key;

// Reads the first key of a PEM text; NULL if there is none of these kinds.
compression_key *compression_key_open(const uint8_t *pem, size_t count);
void compression_key_close(compression_key *key);
// 1 if the signature is the key's over the bytes, else 0.
int compression_key_verifies(const compression_key *key, const uint8_t *bytes, size_t count, const uint8_t *signature, size_t length);
