/* sha256.h - SHA-256 (FIPS 180-4), to say exactly which input a result was made from. */
#ifndef LODE_UTIL_SHA256_H
#define LODE_UTIL_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "lode/lode.h"

typedef struct lode_sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes so far */
    unsigned char block[64];
} lode_sha256;

void lode_sha256_start(lode_sha256 *hash);
void lode_sha256_add(lode_sha256 *hash, const void *bytes, size_t size);
/* hex: 64 digits and a zero byte. */
void lode_sha256_finish(lode_sha256 *hash, char hex[65]);

/* Hash and size of a file of any size, read through GDAL's VSI layer. */
lode_status lode_sha256_file(const char *path, char hex[65], uint64_t *size);

#endif
