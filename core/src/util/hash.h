/* hash.h - FNV-1a, 64 bits (Fowler, Noll, Vo; RFC 9923): tells byte strings apart that nobody has
 * chosen to collide. */
#ifndef LODE_UTIL_HASH_H
#define LODE_UTIL_HASH_H

#include <stddef.h>
#include <stdint.h>

#define LODE_HASH_START 14695981039346656037ULL

/* The hash of some bytes, going on from that of the bytes before (LODE_HASH_START for none). */
uint64_t lode_hash(uint64_t hash, const void *bytes, size_t size);

#endif
