#include "lode_fingerprint.h"

#include <string.h>

#include <cpl_vsi.h>

enum { SAMPLES = 256, SAMPLE_SIZE = 4096 };

/* FNV-1a, 64 bits (Fowler, Noll, Vo; RFC 9923). */
static uint64_t mix(uint64_t fingerprint, const void *bytes, size_t size) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++)
        fingerprint = (fingerprint ^ at[i]) * UINT64_C(0x100000001b3);
    return fingerprint;
}

uint64_t lode_fingerprint_text(const char *text) {
    return mix(UINT64_C(0xcbf29ce484222325), text, strlen(text));
}

/* Takes in bytes from..from+length; stops early where the file ends. */
static uint64_t mix_part(uint64_t fingerprint, VSILFILE *file, vsi_l_offset from,
                         vsi_l_offset length) {
    unsigned char buffer[SAMPLE_SIZE];
    VSIFSeekL(file, from, SEEK_SET);
    while (length > 0) {
        size_t wanted = length < sizeof buffer ? (size_t)length : sizeof buffer;
        size_t size = VSIFReadL(buffer, 1, wanted, file);
        if (size == 0)
            break;
        fingerprint = mix(fingerprint, buffer, size);
        length -= size;
    }
    return fingerprint;
}

/* Everything, or samples spread evenly from the first to the last byte. */
static uint64_t mix_file(uint64_t fingerprint, const char *path, int whole) {
    VSIStatBufL info;
    if (VSIStatL(path, &info) != 0 || !VSI_ISREG(info.st_mode))
        return fingerprint;
    vsi_l_offset size = (vsi_l_offset)info.st_size;
    uint64_t length = (uint64_t)size, time = (uint64_t)info.st_mtime;
    fingerprint = mix(fingerprint, &length, sizeof length);
    if (!whole && !VSIIsLocal(path))
        return mix(fingerprint, &time, sizeof time);
    VSILFILE *file = VSIFOpenL(path, "rb");
    if (!file)
        return fingerprint;
    if (whole || size <= (vsi_l_offset)SAMPLES * SAMPLE_SIZE) {
        fingerprint = mix_part(fingerprint, file, 0, size);
    } else {
        for (int i = 0; i < SAMPLES; i++) {
            vsi_l_offset from = (size - SAMPLE_SIZE) / (SAMPLES - 1) * (vsi_l_offset)i;
            fingerprint = mix_part(fingerprint, file, from, SAMPLE_SIZE);
        }
    }
    VSIFCloseL(file);
    return fingerprint;
}

uint64_t lode_fingerprint_file(uint64_t fingerprint, const char *path) {
    return mix_file(fingerprint, path, 1);
}

uint64_t lode_fingerprint_samples(uint64_t fingerprint, CSLConstList paths) {
    for (; paths && *paths; paths++)
        fingerprint = mix_file(fingerprint, *paths, 0);
    return fingerprint;
}
