/* random.h - reproducible random numbers: one seed, many independent streams.
 *
 * Each use of chance takes its own stream (an anchor, a tile, a bag), so results do not depend on
 * which thread draws first. Generator: PCG32 (O'Neill 2014, HMC-CS-2014-0905). */
#ifndef LODE_UTIL_RANDOM_H
#define LODE_UTIL_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct lode_random {
    uint64_t state, increment;
} lode_random;

/* Instead of a seed, where numbers would be overwritten: draws nothing. */
#define LODE_SEED_NONE UINT64_MAX

lode_random lode_random_stream(uint64_t seed, uint64_t stream);
uint32_t lode_random_u32(lode_random *random);
/* Uniform in [0, 1). */
double lode_random_uniform(lode_random *random);
/* Uniform integer in [0, bound), bound > 0, without modulo bias. */
uint32_t lode_random_below(lode_random *random, uint32_t bound);
/* Standard normal (Box-Muller). */
double lode_random_normal(lode_random *random);
/* Fisher-Yates shuffle of n indices. */
void lode_random_shuffle(lode_random *random, size_t *items, size_t n);

#endif
