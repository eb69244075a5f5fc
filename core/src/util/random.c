#include "util/random.h"

#include <math.h>

static const double two_pi = 6.283185307179586;

uint32_t lode_random_u32(lode_random *random) {
    uint64_t old = random->state;
    random->state = old * 6364136223846793005ULL + random->increment;
    uint32_t shifted = (uint32_t)(((old >> 18u) ^ old) >> 27u);
    uint32_t rotation = (uint32_t)(old >> 59u);
    return (shifted >> rotation) | (shifted << ((32u - rotation) & 31u));
}

/* SplitMix64 finaliser: neighbouring seeds and stream numbers give unrelated states. */
static uint64_t mix(uint64_t x) {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

lode_random lode_random_stream(uint64_t seed, uint64_t stream) {
    lode_random random = {0, (mix(stream ^ 0x5851f42d4c957f2dULL) << 1) | 1u};
    lode_random_u32(&random);
    random.state += mix(seed) ^ mix(mix(stream));
    lode_random_u32(&random);
    return random;
}

double lode_random_uniform(lode_random *random) {
    uint64_t high = lode_random_u32(random) >> 5, low = lode_random_u32(random) >> 6;
    return ((double)high * 67108864.0 + (double)low) / 9007199254740992.0;
}

uint32_t lode_random_below(lode_random *random, uint32_t bound) {
    uint32_t threshold = (0u - bound) % bound;
    for (;;) {
        uint32_t value = lode_random_u32(random);
        if (value >= threshold)
            return value % bound;
    }
}

double lode_random_normal(lode_random *random) {
    double u = 1.0 - lode_random_uniform(random);
    double v = lode_random_uniform(random);
    return sqrt(-2.0 * log(u)) * cos(two_pi * v);
}

void lode_random_shuffle(lode_random *random, size_t *items, size_t n) {
    for (size_t i = n; i > 1; i--) {
        size_t j = lode_random_below(random, (uint32_t)i);
        size_t swap = items[i - 1];
        items[i - 1] = items[j];
        items[j] = swap;
    }
}
