#include "validate/tally.h"

#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"

/* Adds counts to *total, which may be NULL. */
static json_t *add(json_t *total, const json_t *counts) {
    if (json_is_integer(counts))
        return json_integer(json_integer_value(total) + json_integer_value(counts));
    json_t *sum = json_object(), *value;
    const char *key;
    json_object_update(sum, total);
    json_object_foreach((json_t *)counts, key, value)
        json_object_set_new(sum, key, add(json_object_get(total, key), value));
    return sum;
}

static json_t *sorted(const json_t *counts) {
    char *text = json_dumps(counts, JSON_SORT_KEYS);
    json_t *made = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    return made;
}

static lode_status add_text(const char *text, size_t size, json_t **total) {
    json_t *counts = json_loadb(text, size, 0, NULL);
    json_t *sum = counts ? add(*total, counts) : NULL;
    json_decref(counts);
    json_decref(*total);
    *total = sum;
    return sum ? LODE_OK : lode_fail_memory();
}

/* Texts of all processes, one after the other at at[r]..at[r + 1]. */
static lode_status gather_texts(const lode_cluster *cluster, const char *own, size_t *at,
                                const lode_progress *progress, char **all) {
    at[cluster->rank + 1] = strlen(own);
    LODE_TRY(lode_cluster_gather_items(cluster, at + 1, cluster->size, sizeof *at, progress));
    for (int r = 0; r < cluster->size; r++)
        at[r + 1] += at[r];
    *all = lode_alloc(at[cluster->size] + 1, 1);
    if (!*all)
        return lode_fail_memory();
    memcpy(*all + at[cluster->rank], own, strlen(own));
    return lode_cluster_gather(cluster, *all, at, progress);
}

static lode_status join(const lode_cluster *cluster, const char *own, size_t *at,
                        const lode_progress *progress, json_t **total) {
    char *all = NULL;
    lode_status status = gather_texts(cluster, own, at, progress, &all);
    for (int r = 0; status == LODE_OK && r < cluster->size; r++)
        status = add_text(all + at[r], at[r + 1] - at[r], total);
    lode_free(all);
    return status;
}

lode_status lode_tally_join(const lode_cluster *cluster, json_t *own, const lode_progress *progress,
                            json_t **all) {
    json_t *total = NULL;
    lode_status status = own ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK && cluster) {
        char *text = json_dumps(own, 0);
        size_t *at = lode_alloc((size_t)cluster->size + 1, sizeof *at);
        status = text && at ? join(cluster, text, at, progress, &total) : lode_fail_memory();
        lode_free(at);
        free(text);
    } else {
        total = json_incref(own);
    }
    if (status == LODE_OK && !(*all = sorted(total)))
        status = lode_fail_memory();
    json_decref(total);
    json_decref(own);
    return status;
}
