#include "CCompression.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

enum { MAXIMUM_CONSUMERS = 4 };

struct compression_ring {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t slots, slot_size;
    unsigned consumers;
    uint64_t written;                     // slots completed by the producer since the beginning
    uint64_t read[MAXIMUM_CONSUMERS];     // slots completed by each consumer
    bool closed, cancelled;
    size_t *counts;
    uint8_t *bytes;
};

compression_ring *compression_ring_create(size_t slots, size_t slot_size, unsigned consumers) {
    if (consumers > MAXIMUM_CONSUMERS) return NULL;
    compression_ring *ring = calloc(1, sizeof *ring);
    if (ring == NULL) return NULL;
    ring->slots = slots;
    ring->slot_size = slot_size;
    ring->consumers = consumers;
    ring->counts = calloc(slots, sizeof *ring->counts);
    ring->bytes = aligned_alloc(4096, slots * slot_size);
    if (ring->counts == NULL || ring->bytes == NULL) {
        free(ring->counts);
        free(ring->bytes);
        free(ring);
        return NULL;
    }
    pthread_mutex_init(&ring->lock, NULL);
    pthread_cond_init(&ring->changed, NULL);
    return ring;
}

void compression_ring_destroy(compression_ring *ring) {
    pthread_mutex_destroy(&ring->lock);
    pthread_cond_destroy(&ring->changed);
    free(ring->counts);
    free(ring->bytes);
    free(ring);
}

static uint64_t slowest(const compression_ring *ring) {
    uint64_t least = ring->written;
    for (unsigned index = 0; index < ring->consumers; index++)
        if (ring->read[index] < least) least = ring->read[index];
    return least;
}

uint8_t *compression_ring_begin_write(compression_ring *ring) {
    pthread_mutex_lock(&ring->lock);
    while (!ring->cancelled && ring->written - slowest(ring) == ring->slots)
        pthread_cond_wait(&ring->changed, &ring->lock);
    bool cancelled = ring->cancelled;
    size_t slot = ring->written % ring->slots;
    pthread_mutex_unlock(&ring->lock);
    return cancelled ? NULL : ring->bytes + slot * ring->slot_size;
}

void compression_ring_end_write(compression_ring *ring, size_t count) {
    pthread_mutex_lock(&ring->lock);
    ring->counts[ring->written % ring->slots] = count;
    ring->written++;
    pthread_cond_broadcast(&ring->changed);
    pthread_mutex_unlock(&ring->lock);
}

void compression_ring_close(compression_ring *ring) {
    pthread_mutex_lock(&ring->lock);
    ring->closed = true;
    pthread_cond_broadcast(&ring->changed);
    pthread_mutex_unlock(&ring->lock);
}

void compression_ring_cancel(compression_ring *ring) {
    pthread_mutex_lock(&ring->lock);
    ring->cancelled = true;
    pthread_cond_broadcast(&ring->changed);
    pthread_mutex_unlock(&ring->lock);
}

int compression_ring_is_cancelled(compression_ring *ring) {
    pthread_mutex_lock(&ring->lock);
    bool cancelled = ring->cancelled;
    pthread_mutex_unlock(&ring->lock);
    return cancelled;
}

const uint8_t *compression_ring_begin_read(compression_ring *ring, unsigned consumer, size_t *count) {
    pthread_mutex_lock(&ring->lock);
    while (!ring->cancelled && !ring->closed && ring->read[consumer] == ring->written)
        pthread_cond_wait(&ring->changed, &ring->lock);
    const uint8_t *bytes = NULL;
    if (!ring->cancelled && ring->read[consumer] != ring->written) {
        size_t slot = ring->read[consumer] % ring->slots;
        *count = ring->counts[slot];
        bytes = ring->bytes + slot * ring->slot_size;
    }
    pthread_mutex_unlock(&ring->lock);
    return bytes;
}

void compression_ring_end_read(compression_ring *ring, unsigned consumer) {
    pthread_mutex_lock(&ring->lock);
    // Only a producer that found the ring full waits for this.
    bool was_full = ring->written - slowest(ring) == ring->slots;
    ring->read[consumer]++;
    if (was_full) pthread_cond_broadcast(&ring->changed);
    pthread_mutex_unlock(&ring->lock);
}
