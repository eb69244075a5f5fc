#include "util/sha256.h"

#include <stdio.h>
#include <string.h>

#include <cpl_error.h>
#include <cpl_vsi.h>

#include "util/error.h"
#include "util/memory.h"

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, int bits) {
    return (x >> bits) | (x << (32 - bits));
}

static void compress(uint32_t state[8], const unsigned char *block) {
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ (a >> 3)) + w[i - 7] +
               (rotate(b, 17) ^ rotate(b, 19) ^ (b >> 10));
    }
    memcpy(s, state, sizeof s);
    for (int i = 0; i < 64; i++) {
        uint32_t e = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25);
        uint32_t a = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22);
        uint32_t first = s[7] + e + ((s[4] & s[5]) ^ (~s[4] & s[6])) + constants[i] + w[i];
        uint32_t second = a + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += first;
        s[0] = first + second;
    }
    for (int i = 0; i < 8; i++)
        state[i] += s[i];
}

void lode_sha256_start(lode_sha256 *hash) {
    static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memset(hash, 0, sizeof *hash);
    memcpy(hash->state, initial, sizeof initial);
}

void lode_sha256_add(lode_sha256 *hash, const void *bytes, size_t size) {
    const unsigned char *from = bytes;
    while (size > 0) {
        size_t held = hash->length % 64, take = 64 - held < size ? 64 - held : size;
        memcpy(hash->block + held, from, take);
        hash->length += take;
        from += take;
        size -= take;
        if (hash->length % 64 == 0)
            compress(hash->state, hash->block);
    }
}

void lode_sha256_finish(lode_sha256 *hash, char hex[65]) {
    uint64_t bits = hash->length * 8;
    unsigned char end = 0x80, zero = 0, length[8];
    lode_sha256_add(hash, &end, 1);
    while (hash->length % 64 != 56)
        lode_sha256_add(hash, &zero, 1);
    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)(bits >> (56 - 8 * i));
    lode_sha256_add(hash, length, 8);
    for (int i = 0; i < 8; i++)
        snprintf(hex + 8 * i, 9, "%08x", hash->state[i]);
}

lode_status lode_sha256_file(const char *path, char hex[65], uint64_t *size) {
    enum { CHUNK = 1 << 20 };
    CPLErrorReset();
    VSILFILE *file = VSIFOpenL(path, "rb");
    unsigned char *chunk = file ? lode_alloc(CHUNK, 1) : NULL;
    if (!file)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot open '%s'.", path);
    if (!chunk) {
        VSIFCloseL(file);
        return lode_fail_memory();
    }
    lode_sha256 hash;
    lode_sha256_start(&hash);
    for (size_t got; (got = VSIFReadL(chunk, 1, CHUNK, file)) > 0;)
        lode_sha256_add(&hash, chunk, got);
    *size = hash.length;
    lode_sha256_finish(&hash, hex);
    lode_free(chunk);
    VSIFCloseL(file);
    return LODE_OK;
}
