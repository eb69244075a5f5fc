#include "util/select.h"

#include <stdlib.h>

enum {
    FEW = 32,   /* values that are sorted at once */
    ROUNDS = 64 /* halvings; orders made to defeat them end in a sort */
};

static int ascending(const void *a, const void *b) {
    float left = *(const float *)a, right = *(const float *)b;
    return left < right ? -1 : left > right;
}

static float middle_of(float a, float b, float c) {
    float least = a < b ? a : b, most = a < b ? b : a;
    return c < least ? least : c > most ? most : c;
}

float lode_select(float *values, size_t n, size_t k) {
    ptrdiff_t low = 0, high = (ptrdiff_t)n - 1, wanted = (ptrdiff_t)k;
    for (int round = 0; high - low > FEW && round < ROUNDS; round++) {
        float pivot = middle_of(values[low], values[low + (high - low) / 2], values[high]);
        ptrdiff_t i = low, j = high;
        while (i <= j) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i > j)
                break;
            float swap = values[i];
            values[i++] = values[j];
            values[j--] = swap;
        }
        /* low..j are at most the pivot, i..high at least, what lies between equals it. */
        if (wanted >= i)
            low = i;
        else if (wanted <= j)
            high = j;
        else
            return values[k];
    }
    qsort(values + low, (size_t)(high - low + 1), sizeof *values, ascending);
    return values[k];
}

float lode_median(float *values, size_t n) {
    float upper = lode_select(values, n, n / 2);
    if (n % 2)
        return upper;
    float lower = values[0];
    for (size_t i = 1; i < n / 2; i++)
        lower = values[i] > lower ? values[i] : lower;
    return 0.5f * (lower + upper);
}
