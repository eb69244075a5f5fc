/* select_by.h - Hoare's selection ("Find", 1961, CACM 4:321), written once for any type of element.
 *
 * A .c file defines these and includes this file, once for every kind of selection it needs:
 *   SELECT_NAME        name of the function to make
 *   SELECT_TYPE        type of an element
 *   SELECT_KEY_TYPE    type of what elements are ordered by
 *   SELECT_KEY(e)      that of the element at the address e; never NaN
 *
 *   static void SELECT_NAME(SELECT_TYPE *all, size_t n, size_t k)
 *
 * Reorders n elements (k < n): none before index k is greater than the one there, none behind it
 * less. In time that grows with n for any order of the elements. */
#include <stddef.h>
#include <stdlib.h>

#ifndef LODE_UTIL_SELECT_BY_H
#define LODE_UTIL_SELECT_BY_H

enum {
    SELECT_FEW = 16,   /* elements that are sorted at once */
    SELECT_ROUNDS = 64 /* halvings; orders made to defeat them end in a sort */
};

#define SELECT_PASTE(a, b) a##b
#define SELECT_PART(name, part) SELECT_PASTE(name, part)
#endif

#define SELECT_ORDER SELECT_PART(SELECT_NAME, _order)
#define SELECT_INSERT SELECT_PART(SELECT_NAME, _insert)
#define SELECT_MIDDLE SELECT_PART(SELECT_NAME, _middle)

static int SELECT_ORDER(const void *a, const void *b) {
    const SELECT_TYPE *left = a, *right = b;
    return SELECT_KEY(left) < SELECT_KEY(right) ? -1 : SELECT_KEY(left) > SELECT_KEY(right);
}

static void SELECT_INSERT(SELECT_TYPE *all, ptrdiff_t low, ptrdiff_t high) {
    for (ptrdiff_t i = low + 1; i <= high; i++) {
        SELECT_TYPE moving = all[i];
        ptrdiff_t at = i;
        for (; at > low && SELECT_KEY(&moving) < SELECT_KEY(&all[at - 1]); at--)
            all[at] = all[at - 1];
        all[at] = moving;
    }
}

static SELECT_KEY_TYPE SELECT_MIDDLE(SELECT_KEY_TYPE a, SELECT_KEY_TYPE b, SELECT_KEY_TYPE c) {
    SELECT_KEY_TYPE least = a < b ? a : b, most = a < b ? b : a;
    return c < least ? least : c > most ? most : c;
}

static void SELECT_NAME(SELECT_TYPE *all, size_t n, size_t k) {
    ptrdiff_t low = 0, high = (ptrdiff_t)n - 1, wanted = (ptrdiff_t)k;
    for (int round = 0; high - low >= SELECT_FEW; round++) {
        if (round == SELECT_ROUNDS) {
            qsort(all + low, (size_t)(high - low + 1), sizeof *all, SELECT_ORDER);
            return;
        }
        SELECT_KEY_TYPE pivot =
            SELECT_MIDDLE(SELECT_KEY(&all[low]), SELECT_KEY(&all[low + (high - low) / 2]),
                          SELECT_KEY(&all[high]));
        ptrdiff_t i = low, j = high;
        while (i <= j) {
            while (SELECT_KEY(&all[i]) < pivot)
                i++;
            while (SELECT_KEY(&all[j]) > pivot)
                j--;
            if (i > j)
                break;
            SELECT_TYPE swap = all[i];
            all[i++] = all[j];
            all[j--] = swap;
        }
        /* low..j are at most the pivot, i..high at least, what lies between equals it. */
        if (wanted >= i)
            low = i;
        else if (wanted <= j)
            high = j;
        else
            return;
    }
    SELECT_INSERT(all, low, high);
}

#undef SELECT_ORDER
#undef SELECT_INSERT
#undef SELECT_MIDDLE
#undef SELECT_NAME
#undef SELECT_TYPE
#undef SELECT_KEY_TYPE
#undef SELECT_KEY
