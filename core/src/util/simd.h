/* simd.h - element-wise loops compiled for wider vectors where the processor has them.
 *
 * The compiler makes both versions from the same code and picks at load. Without contraction
 * (-ffp-contract=off) both give the same bits. Off under sanitizers, which do not support it. */
#ifndef LODE_UTIL_SIMD_H
#define LODE_UTIL_SIMD_H

#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__) &&   \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LODE_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define LODE_WIDE
#endif

/* Defined where arrays of vectors longer than 16 bytes may lie on the stack: AddressSanitizer may
 * give them less than their alignment (GCC bug 110027). */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LODE_SANITIZED
#endif
#endif
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(LODE_SANITIZED)
#define LODE_LONG_VECTORS
#endif

#endif
