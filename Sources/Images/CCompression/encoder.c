#include "CCompression.h"

#include <errno.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

// Pieces of the input are compressed independently, by one thread each, and written in their order. For gzip they are
// blocks of one deflate stream in one member, for zstd frames in a row: every reader sees one stream. What a piece
// becomes doesn't depend on the number of threads.

enum { MAXIMUM_WORKERS = 16, ZSTD_LEVEL = 3, GZIP_LEVEL = 2 };

struct slot {
    uint8_t *input, *output;
    size_t count, made;
    bool compressed;
};

struct compression_encoder {
    int kind, descriptor;
    size_t slot_size, output_size;
    unsigned workers, started;
    size_t slots;
    struct slot *slot;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t filled, taken, hashed, written;  // slots since the beginning
    bool closed;
    int error;
    size_t position;  // in the slot that is being filled
    uint32_t crc;
    uint64_t input_size, output_total;
    compression_hash *input_hash, *output_hash;
    compression_thread *thread[MAXIMUM_WORKERS + 2];
};

static void fail(compression_encoder *encoder, int error) {
    pthread_mutex_lock(&encoder->lock);
    if (encoder->error == 0) encoder->error = error;
    pthread_cond_broadcast(&encoder->changed);
    pthread_mutex_unlock(&encoder->lock);
}

static void emit(compression_encoder *encoder, const uint8_t *bytes, size_t count) {
    if (compression_hash_update(encoder->output_hash, bytes, count) != 0) return fail(encoder, ENOMEM);
    encoder->output_total += count;
    while (count > 0) {
        ssize_t written = write(encoder->descriptor, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(encoder, errno);
        bytes += written;
        count -= (size_t)written;
    }
}

// Waits until one of the counters has passed `index`; false when there will be no such slot.
static bool wait_for(compression_encoder *encoder, uint64_t *counter, uint64_t index) {
    while (encoder->error == 0 && *counter <= index && !encoder->closed) pthread_cond_wait(&encoder->changed, &encoder->lock);
    return encoder->error == 0 && *counter > index;
}

static bool deflate_piece(struct slot *slot, size_t room, uint8_t *level_buffer, uint32_t level_size) {
    struct isal_zstream stream;
    isal_deflate_stateless_init(&stream);
    stream.flush = FULL_FLUSH;
    stream.end_of_stream = 0;
    stream.gzip_flag = IGZIP_DEFLATE;
    stream.level = GZIP_LEVEL;
    stream.level_buf = level_buffer;
    stream.level_buf_size = level_size;
    stream.next_in = slot->input;
    stream.avail_in = (uint32_t)slot->count;
    stream.next_out = slot->output;
    stream.avail_out = (uint32_t)room;
    if (isal_deflate_stateless(&stream) != COMP_OK || stream.avail_in != 0) return false;
    slot->made = room - stream.avail_out;
    return true;
}

static void work(void *context) {
    compression_encoder *encoder = context;
    uint8_t *buffer = malloc(ISAL_DEF_LVL2_DEFAULT);
    ZSTD_CCtx *zstd = encoder->kind == COMPRESSION_ZSTD ? ZSTD_createCCtx() : NULL;
    if (buffer == NULL || (encoder->kind == COMPRESSION_ZSTD && zstd == NULL)) fail(encoder, ENOMEM);
    for (;;) {
        pthread_mutex_lock(&encoder->lock);
        bool any;
        do any = wait_for(encoder, &encoder->filled, encoder->taken);
        while (any && encoder->taken >= encoder->filled);
        struct slot *slot = &encoder->slot[encoder->taken % encoder->slots];
        if (any) encoder->taken++;
        pthread_mutex_unlock(&encoder->lock);
        if (!any) break;
        if (encoder->kind == COMPRESSION_GZIP) {
            if (!deflate_piece(slot, encoder->output_size, buffer, ISAL_DEF_LVL2_DEFAULT)) fail(encoder, EINVAL);
        } else if (encoder->kind == COMPRESSION_ZSTD) {
            slot->made = ZSTD_compressCCtx(zstd, slot->output, encoder->output_size, slot->input, slot->count, ZSTD_LEVEL);
            if (ZSTD_isError(slot->made)) fail(encoder, ENOMEM);
        }
        pthread_mutex_lock(&encoder->lock);
        slot->compressed = true;
        pthread_cond_broadcast(&encoder->changed);
        pthread_mutex_unlock(&encoder->lock);
    }
    free(buffer);
    ZSTD_freeCCtx(zstd);
}

static void hash_input(void *context) {
    compression_encoder *encoder = context;
    for (;;) {
        pthread_mutex_lock(&encoder->lock);
        bool any = wait_for(encoder, &encoder->filled, encoder->hashed);
        struct slot *slot = &encoder->slot[encoder->hashed % encoder->slots];
        pthread_mutex_unlock(&encoder->lock);
        if (!any) return;
        if (compression_hash_update(encoder->input_hash, slot->input, slot->count) != 0) fail(encoder, ENOMEM);
        if (encoder->kind == COMPRESSION_GZIP) encoder->crc = crc32_gzip_refl(encoder->crc, slot->input, slot->count);
        pthread_mutex_lock(&encoder->lock);
        encoder->hashed++;
        pthread_cond_broadcast(&encoder->changed);
        pthread_mutex_unlock(&encoder->lock);
    }
}

static void write_output(void *context) {
    compression_encoder *encoder = context;
    static const uint8_t gzip_header[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
    if (encoder->kind == COMPRESSION_GZIP) emit(encoder, gzip_header, sizeof gzip_header);
    for (;;) {
        pthread_mutex_lock(&encoder->lock);
        bool any = wait_for(encoder, &encoder->filled, encoder->written);
        struct slot *slot = &encoder->slot[encoder->written % encoder->slots];
        while (any && !slot->compressed && encoder->error == 0) pthread_cond_wait(&encoder->changed, &encoder->lock);
        any = any && encoder->error == 0;
        pthread_mutex_unlock(&encoder->lock);
        if (!any) return;
        if (encoder->kind == COMPRESSION_PLAIN) emit(encoder, slot->input, slot->count);
        else emit(encoder, slot->output, slot->made);
        pthread_mutex_lock(&encoder->lock);
        slot->compressed = false;
        encoder->written++;
        pthread_cond_broadcast(&encoder->changed);
        pthread_mutex_unlock(&encoder->lock);
    }
}

compression_encoder *compression_encoder_open(int kind, int descriptor, int input_bits, unsigned workers) {
    compression_encoder *encoder = calloc(1, sizeof *encoder);
    if (encoder == NULL) return NULL;
    if (workers < 1) workers = 1;
    if (workers > MAXIMUM_WORKERS) workers = MAXIMUM_WORKERS;
    encoder->kind = kind;
    encoder->descriptor = descriptor;
    encoder->workers = workers;
    encoder->slots = workers + 4;
    encoder->slot_size = kind == COMPRESSION_ZSTD ? 2 << 20 : 1 << 20;
    encoder->output_size = kind == COMPRESSION_PLAIN ? 0 : encoder->slot_size + encoder->slot_size / 16 + 4096;
    pthread_mutex_init(&encoder->lock, NULL);
    pthread_cond_init(&encoder->changed, NULL);
    encoder->slot = calloc(encoder->slots, sizeof *encoder->slot);
    encoder->input_hash = compression_hash_open(input_bits);
    encoder->output_hash = compression_hash_open(256);
    bool ok = encoder->slot != NULL && encoder->input_hash != NULL && encoder->output_hash != NULL;
    for (size_t index = 0; ok && index < encoder->slots; index++) {
        encoder->slot[index].input = malloc(encoder->slot_size);
        encoder->slot[index].output = encoder->output_size > 0 ? malloc(encoder->output_size) : NULL;
        ok = encoder->slot[index].input != NULL && (encoder->output_size == 0 || encoder->slot[index].output != NULL);
    }
    for (unsigned index = 0; ok && index < workers + 2; index++) {
        void (*body)(void *) = index == 0 ? hash_input : index == 1 ? write_output : work;
        encoder->thread[index] = compression_thread_start(body, encoder);
        ok = encoder->thread[index] != NULL;
        if (ok) encoder->started++;
    }
    if (ok) return encoder;
    compression_encoder_close(encoder);
    return NULL;
}

uint8_t *compression_encoder_room(compression_encoder *encoder, size_t *room) {
    pthread_mutex_lock(&encoder->lock);
    uint64_t slots = encoder->slots;
    while (encoder->error == 0 && (encoder->filled - encoder->written >= slots || encoder->filled - encoder->hashed >= slots))
        pthread_cond_wait(&encoder->changed, &encoder->lock);
    bool ok = encoder->error == 0;
    pthread_mutex_unlock(&encoder->lock);
    *room = encoder->slot_size - encoder->position;
    return ok ? encoder->slot[encoder->filled % encoder->slots].input + encoder->position : NULL;
}

static void pass_on(compression_encoder *encoder) {
    pthread_mutex_lock(&encoder->lock);
    encoder->slot[encoder->filled % encoder->slots].count = encoder->position;
    encoder->position = 0;
    encoder->filled++;
    pthread_cond_broadcast(&encoder->changed);
    pthread_mutex_unlock(&encoder->lock);
}

void compression_encoder_add(compression_encoder *encoder, size_t count) {
    encoder->position += count;
    encoder->input_size += count;
    if (encoder->position == encoder->slot_size) pass_on(encoder);
}

static void stop(compression_encoder *encoder) {
    pthread_mutex_lock(&encoder->lock);
    encoder->closed = true;
    pthread_cond_broadcast(&encoder->changed);
    pthread_mutex_unlock(&encoder->lock);
    for (unsigned index = 0; index < encoder->started; index++) compression_thread_join(encoder->thread[index]);
    encoder->started = 0;
}

int compression_encoder_finish(compression_encoder *encoder, compression_result *result) {
    if (encoder->position > 0) pass_on(encoder);
    stop(encoder);
    if (encoder->error == 0 && encoder->kind == COMPRESSION_GZIP) {
        uint8_t end[10] = {3, 0};
        uint32_t numbers[2] = {encoder->crc, (uint32_t)encoder->input_size};
        for (int index = 0; index < 8; index++) end[2 + index] = (uint8_t)(numbers[index / 4] >> (8 * (index % 4)));
        emit(encoder, end, sizeof end);
    }
    if (encoder->error != 0) return encoder->error;
    result->input_size = encoder->input_size;
    result->output_size = encoder->output_total;
    if (compression_hash_finish(encoder->input_hash, result->input_digest) != 0) return ENOMEM;
    return compression_hash_finish(encoder->output_hash, result->output_digest) == 0 ? 0 : ENOMEM;
}

void compression_encoder_close(compression_encoder *encoder) {
    if (encoder->started > 0) {
        fail(encoder, ECANCELED);
        stop(encoder);
    }
    for (size_t index = 0; encoder->slot != NULL && index < encoder->slots; index++) {
        free(encoder->slot[index].input);
        free(encoder->slot[index].output);
    }
    free(encoder->slot);
    if (encoder->input_hash != NULL) compression_hash_close(encoder->input_hash);
    if (encoder->output_hash != NULL) compression_hash_close(encoder->output_hash);
    pthread_mutex_destroy(&encoder->lock);
    pthread_cond_destroy(&encoder->changed);
    free(encoder);
}

unsigned compression_processors(void) {
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (unsigned)count : 1;
}
