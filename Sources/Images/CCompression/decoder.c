#include "CCompression.h"

#include <bzlib.h>
#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

// Each format may be a sequence of members (gzip), streams (bzip2, xz) or frames (zstd) back to back; anything else
// after the first one is refused, because its digest would cover bytes that nobody looked at.

struct compression_decoder {
    int kind;
    bool inside;  // a member has begun and not ended
    bool any;     // at least one member has ended
    bool inside_header;  // of a gzip member
    struct isal_gzip_header header;
    union {
        struct inflate_state gzip;
        bz_stream bzip2;
        lzma_stream xz;
        ZSTD_DStream *zstd;
    } state;
};

compression_decoder *compression_decoder_open(int kind, uint64_t memory_limit) {
    compression_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) return NULL;
    decoder->kind = kind;
    bool ok = true;
    switch (kind) {
    case COMPRESSION_GZIP:
        isal_inflate_init(&decoder->state.gzip);
        break;
    case COMPRESSION_BZIP2:
        ok = BZ2_bzDecompressInit(&decoder->state.bzip2, 0, 0) == BZ_OK;
        break;
    case COMPRESSION_XZ: {
        lzma_stream fresh = LZMA_STREAM_INIT;
        decoder->state.xz = fresh;
        ok = lzma_stream_decoder(&decoder->state.xz, memory_limit, LZMA_CONCATENATED) == LZMA_OK;
        break;
    }
    case COMPRESSION_ZSTD: {
        decoder->state.zstd = ZSTD_createDStream();
        int log = 10;
        while (log < 31 && (UINT64_C(1) << (log + 1)) <= memory_limit) log++;
        ok = decoder->state.zstd != NULL
            && !ZSTD_isError(ZSTD_DCtx_setParameter(decoder->state.zstd, ZSTD_d_windowLogMax, log));
        break;
    }
    default:
        break;
    }
    if (ok) return decoder;
    free(decoder);
    return NULL;
}

void compression_decoder_close(compression_decoder *decoder) {
    switch (decoder->kind) {
    case COMPRESSION_BZIP2: BZ2_bzDecompressEnd(&decoder->state.bzip2); break;
    case COMPRESSION_XZ: lzma_end(&decoder->state.xz); break;
    case COMPRESSION_ZSTD: ZSTD_freeDStream(decoder->state.zstd); break;
    default: break;
    }
    free(decoder);
}

static void begin_member(compression_decoder *decoder) {
    decoder->inside = true;
    if (decoder->kind == COMPRESSION_GZIP) {
        isal_inflate_reset(&decoder->state.gzip);
        // The flags must survive a header that arrives in pieces, which isal_inflate's own header doesn't see to.
        memset(&decoder->header, 0, sizeof decoder->header);
        isal_gzip_header_init(&decoder->header);
        decoder->inside_header = true;
    } else if (decoder->kind == COMPRESSION_BZIP2 && decoder->any) {
        bz_stream *stream = &decoder->state.bzip2;
        BZ2_bzDecompressEnd(stream);
        memset(stream, 0, sizeof *stream);
        BZ2_bzDecompressInit(stream, 0, 0);
    }
}

static void end_member(compression_decoder *decoder) {
    decoder->inside = false;
    decoder->any = true;
}

static unsigned clamp(size_t size) { return size > 1u << 30 ? 1u << 30 : (unsigned)size; }

static int step_gzip(compression_decoder *decoder, const uint8_t *input, size_t *used, uint8_t *output, size_t *made) {
    struct inflate_state *state = &decoder->state.gzip;
    unsigned given = clamp(*used), room = clamp(*made);
    state->next_in = (uint8_t *)input;
    state->avail_in = given;
    state->next_out = output;
    state->avail_out = room;
    int result = ISAL_DECOMP_OK;
    if (decoder->inside_header) {
        result = isal_read_gzip_header(state, &decoder->header);
        if (result == ISAL_DECOMP_OK) {
            decoder->inside_header = false;
            state->crc_flag = ISAL_GZIP_NO_HDR_VER;
        }
    }
    if (!decoder->inside_header && result == ISAL_DECOMP_OK) result = isal_inflate(state);
    *used = given - state->avail_in;
    *made = room - state->avail_out;
    if (result < 0) return COMPRESSION_CORRUPT;
    if (state->block_state == ISAL_BLOCK_FINISH) end_member(decoder);
    return COMPRESSION_OK;
}

static int step_bzip2(compression_decoder *decoder, const uint8_t *input, size_t *used, uint8_t *output, size_t *made) {
    bz_stream *stream = &decoder->state.bzip2;
    unsigned given = clamp(*used), room = clamp(*made);
    stream->next_in = (char *)input;
    stream->avail_in = given;
    stream->next_out = (char *)output;
    stream->avail_out = room;
    int result = BZ2_bzDecompress(stream);
    *used = given - stream->avail_in;
    *made = room - stream->avail_out;
    if (result == BZ_STREAM_END) end_member(decoder);
    if (result == BZ_MEM_ERROR) return COMPRESSION_MEMORY;
    return result == BZ_OK || result == BZ_STREAM_END ? COMPRESSION_OK : COMPRESSION_CORRUPT;
}

// liblzma looks for further streams itself; only LZMA_FINISH makes it say whether the last one has ended.
static int step_xz(compression_decoder *decoder, const uint8_t *input, size_t *used, uint8_t *output, size_t *made) {
    lzma_stream *stream = &decoder->state.xz;
    size_t given = *used, room = *made;
    stream->next_in = input;
    stream->avail_in = given;
    stream->next_out = output;
    stream->avail_out = room;
    lzma_ret result = lzma_code(stream, given == 0 ? LZMA_FINISH : LZMA_RUN);
    *used = given - stream->avail_in;
    *made = room - stream->avail_out;
    if (result == LZMA_STREAM_END) end_member(decoder);
    if (result == LZMA_MEM_ERROR || result == LZMA_MEMLIMIT_ERROR) return COMPRESSION_MEMORY;
    bool ok = result == LZMA_OK || result == LZMA_STREAM_END || result == LZMA_BUF_ERROR;
    return ok ? COMPRESSION_OK : COMPRESSION_CORRUPT;
}

static int step_zstd(compression_decoder *decoder, const uint8_t *input, size_t *used, uint8_t *output, size_t *made) {
    ZSTD_inBuffer in = {input, *used, 0};
    ZSTD_outBuffer out = {output, *made, 0};
    size_t result = ZSTD_decompressStream(decoder->state.zstd, &out, &in);
    *used = in.pos;
    *made = out.pos;
    if (ZSTD_isError(result)) {
        ZSTD_ErrorCode code = ZSTD_getErrorCode(result);
        bool memory = code == ZSTD_error_frameParameter_windowTooLarge || code == ZSTD_error_memory_allocation;
        return memory ? COMPRESSION_MEMORY : COMPRESSION_CORRUPT;
    }
    if (result == 0) end_member(decoder);
    return COMPRESSION_OK;
}

int compression_decoder_step(compression_decoder *decoder, const uint8_t *input, size_t *used, uint8_t *output, size_t *made) {
    if (!decoder->inside && *used > 0) begin_member(decoder);
    switch (decoder->kind) {
    case COMPRESSION_GZIP:
    case COMPRESSION_BZIP2:
    case COMPRESSION_ZSTD:
        // Between members there is nothing to flush.
        if (!decoder->inside) {
            *made = 0;
            return COMPRESSION_OK;
        }
        if (decoder->kind == COMPRESSION_GZIP) return step_gzip(decoder, input, used, output, made);
        if (decoder->kind == COMPRESSION_BZIP2) return step_bzip2(decoder, input, used, output, made);
        return step_zstd(decoder, input, used, output, made);
    case COMPRESSION_XZ:
        return step_xz(decoder, input, used, output, made);
    default: {
        size_t count = *used < *made ? *used : *made;
        memcpy(output, input, count);
        *used = *made = count;
        end_member(decoder);
        return COMPRESSION_OK;
    }
    }
}

int compression_decoder_is_complete(const compression_decoder *decoder) { return decoder->any && !decoder->inside; }
