#include "cluster/sum.h"

#include <string.h>

#include "util/error.h"
#include "util/memory.h"

int lode_division_first(const lode_division *division) {
    int rank = division->cluster ? division->cluster->rank : 0;
    return lode_cluster_first(division->cluster, division->items, rank);
}

static int run_of(const lode_division *division, int rank) {
    return lode_cluster_first(division->cluster, division->items, rank + 1) -
           lode_cluster_first(division->cluster, division->items, rank);
}

int lode_division_own(const lode_division *division) {
    return run_of(division, division->cluster ? division->cluster->rank : 0);
}

int lode_division_sample(const lode_division *division, int sample) {
    int own = lode_division_own(division);
    return sample / own * division->items + lode_division_first(division) + sample % own;
}

struct lode_sum {
    lode_division division;
    size_t count;
    float *total;
    float *slices;      /* [rank][group][own item][slice] as received */
    size_t *send, *get; /* [ranks + 1] bytes */
    void *request;      /* NULL when it has arrived */
    bool gathering;     /* second half: the sums of all slices */
};

/* Where the slice of a rank begins. */
static size_t slice_at(const lode_sum *sum, int rank) {
    return (size_t)((uint64_t)sum->count * (uint64_t)rank /
                    (uint64_t)lode_cluster_size(sum->division.cluster));
}

static size_t own_slice(const lode_sum *sum) {
    int rank = sum->division.cluster->rank;
    return slice_at(sum, rank + 1) - slice_at(sum, rank);
}

void lode_sum_drop(lode_sum *sum) {
    if (!sum)
        return;
    lode_free(sum->slices);
    lode_free(sum->send);
    lode_free(sum->get);
    lode_free(sum);
}

/* Own parts cut into the slices of all ranks: [rank][group][own item][slice]. */
static void cut_parts(const lode_sum *sum, const float *const *parts, int samples, float *cut) {
    for (int r = 0; r < sum->division.cluster->size; r++) {
        size_t from = slice_at(sum, r), length = slice_at(sum, r + 1) - from;
        for (int i = 0; i < samples; i++, cut += length)
            memcpy(cut, parts[i] + from, length * sizeof *cut);
    }
}

static lode_status no_exchange(void) {
    return lode_fail(LODE_ERROR_IO, "The processes cannot exchange their gradients.");
}

static lode_status start_exchange(lode_sum *sum, const float *const *parts) {
    const lode_division *division = &sum->division;
    const lode_cluster *cluster = division->cluster;
    size_t size = (size_t)cluster->size, slice = own_slice(sum);
    int samples = division->groups * lode_division_own(division);
    sum->send = lode_alloc(size + 1, sizeof *sum->send);
    sum->get = lode_alloc(size + 1, sizeof *sum->get);
    sum->slices = lode_alloc((size_t)(division->groups * division->items),
                             (slice ? slice : 1) * sizeof(float));
    float *cut = lode_alloc((size_t)samples * sum->count, sizeof *cut);
    if (!sum->send || !sum->get || !sum->slices || !cut) {
        lode_free(cut);
        return lode_fail_memory();
    }
    cut_parts(sum, parts, samples, cut);
    for (int r = 0; r < cluster->size; r++) {
        size_t theirs = (size_t)(division->groups * run_of(division, r));
        sum->send[r + 1] = slice_at(sum, r + 1) * (size_t)samples * sizeof(float);
        sum->get[r + 1] = sum->get[r] + theirs * slice * sizeof(float);
    }
    sum->request = cluster->exchange(cluster->user, cut, sum->send, sum->slices, sum->get);
    lode_free(cut);
    return sum->request ? LODE_OK : no_exchange();
}

/* Adds the slices in the order of the samples. */
static void add_slices(lode_sum *sum) {
    const lode_division *division = &sum->division;
    size_t slice = own_slice(sum);
    float *total = sum->total + slice_at(sum, division->cluster->rank);
    bool first = true;
    for (int g = 0; g < division->groups; g++)
        for (int r = 0; r < division->cluster->size; r++) {
            size_t theirs = (size_t)run_of(division, r);
            const float *part =
                sum->slices + sum->get[r] / sizeof(float) + (size_t)g * theirs * slice;
            for (size_t i = 0; i < theirs; i++, part += slice, first = false)
                for (size_t k = 0; k < slice; k++)
                    total[k] = first ? part[k] : total[k] + part[k];
        }
}

lode_status lode_sum_begin(const lode_division *division, const float *const *parts, size_t count,
                           float *total, lode_sum **sum) {
    *sum = NULL;
    lode_sum *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->division = *division;
    made->count = count;
    made->total = total;
    lode_status status = start_exchange(made, parts);
    if (status != LODE_OK) {
        lode_sum_drop(made);
        return status;
    }
    *sum = made;
    return LODE_OK;
}

void lode_sum_poll(lode_sum *sum) {
    const lode_cluster *cluster = sum ? sum->division.cluster : NULL;
    if (sum && sum->request && cluster->test(cluster->user, sum->request) != 0)
        sum->request = NULL; /* arrived, or failed: the next call of the cluster will tell */
}

static lode_status arrive(lode_sum *sum, const lode_progress *progress) {
    if (!sum->request)
        return LODE_OK;
    void *request = sum->request;
    sum->request = NULL;
    return lode_cluster_wait(sum->division.cluster, request, progress);
}

lode_status lode_sum_advance(lode_sum *sum, const lode_progress *progress) {
    if (!sum || sum->gathering)
        return LODE_OK;
    LODE_TRY(arrive(sum, progress));
    add_slices(sum);
    const lode_cluster *cluster = sum->division.cluster;
    for (int r = 0; r <= cluster->size; r++)
        sum->send[r] = slice_at(sum, r) * sizeof(float);
    sum->request = cluster->gather(cluster->user, sum->total, sum->send);
    sum->gathering = true;
    return sum->request ? LODE_OK : no_exchange();
}

lode_status lode_sum_end(lode_sum *sum, const lode_progress *progress) {
    if (!sum)
        return LODE_OK;
    lode_status status = lode_sum_advance(sum, progress);
    if (status == LODE_OK)
        status = arrive(sum, progress);
    lode_sum_drop(sum);
    return status;
}
