#include "encoder/dense_layout.h"

#include "encoder/context.h"

bool lode_dense_layer_tiled(const lode_dense *dense, int layer, bool anchored) {
    return anchored && lode_dense_tiled(&dense->layer[layer]);
}

lode_dense_layout lode_dense_lay_out(const lode_dense *dense, int at, int size, bool anchored) {
    lode_dense_layout l = {.at = at % LODE_WINOGRAD_PERIOD};
    int first = l.at, end = l.at + size + 2;
    for (int i = dense->layers - 1; i >= 0; i--) {
        int dilation = dense->layer[i].dilation;
        bool tiled = lode_dense_layer_tiled(dense, i, anchored);
        if (tiled) {
            l.layer[i].cover = lode_winograd_cover(first, end, dilation);
            first = l.layer[i].cover.first;
        }
        l.layer[i].first = first;
        l.layer[i].end = end;
        end = tiled ? l.layer[i].cover.input_end : end + 2 * dilation;
    }
    return l;
}

lode_span lode_dense_span(const void *state, int at, int size) {
    const lode_dense *dense = state;
    lode_dense_layout l = lode_dense_lay_out(dense, at, size, true);
    return (lode_span){.at = at,
                       .size = size,
                       .first = at - l.at + l.layer[0].first - dense->window / 2,
                       .count = l.layer[0].end - l.layer[0].first +
                                2 * lode_context_reach(dense->context),
                       .anchored = true};
}

/* ---- The order of rows ----------------------------------------------------------------------- */

/* Rows of the layer before below its first that a layer sees. */
static int rows_seen(const lode_dense_schedule *s, int layer) {
    int d = s->dense->layer[layer].dilation;
    return lode_dense_layer_tiled(s->dense, layer, s->anchored) ? (LODE_WINOGRAD_INPUTS - 1) * d
                                                                : 2 * d;
}

/* Rows below the one that a layer computes next that are written with it. */
static int rows_ahead(const lode_dense_schedule *s, int layer) {
    int d = s->dense->layer[layer].dilation;
    return lode_dense_layer_tiled(s->dense, layer, s->anchored) ? (LODE_WINOGRAD_OUTPUTS - 1) * d
                                                                : 0;
}

void lode_dense_schedule_restart(lode_dense_schedule *s, const lode_dense_layout *rows) {
    for (int i = 0; i < s->dense->layers; i++)
        s->next[i] = rows->layer[i].first;
}

/* Of a block only the first d rows begin tiles; with the last of them the block is complete. */
static int64_t take_next(lode_dense_schedule *s, int layer) {
    int64_t row = s->next[layer]++;
    int d = s->dense->layer[layer].dilation;
    if (lode_dense_layer_tiled(s->dense, layer, s->anchored) &&
        s->next[layer] % (LODE_WINOGRAD_OUTPUTS * d) == d)
        s->next[layer] += rows_ahead(s, layer);
    return row;
}

/* What the rows of the layer before `layer` allow, there and in all layers after it. */
static void advance(lode_dense_schedule *s, int layer, lode_dense_row_fn fn, void *context) {
    if (layer == s->dense->layers)
        return;
    while (s->next[layer] + rows_seen(s, layer) < s->next[layer - 1]) {
        fn(context, layer, take_next(s, layer));
        advance(s, layer + 1, fn, context);
    }
}

void lode_dense_schedule_feed(lode_dense_schedule *s, lode_dense_row_fn fn, void *context) {
    fn(context, 0, take_next(s, 0));
    advance(s, 1, fn, context);
}

int64_t lode_dense_schedule_complete(const lode_dense_schedule *s) {
    return s->next[s->dense->layers - 1];
}

/* ---- How long rows are needed ---------------------------------------------------------------- */

typedef struct upkeep {
    lode_dense_schedule schedule;
    int64_t end[LODE_DENSE_MAX_DEPTH + 1]; /* one past the last row written */
    int *kept;
} upkeep;

static void note_read(upkeep *u, int layer, int64_t row) {
    int back = (int)(u->end[layer] - row);
    if (back > u->kept[layer])
        u->kept[layer] = back;
}

static void note_computed(void *context, int layer, int64_t row) {
    upkeep *u = context;
    int64_t end = row + rows_ahead(&u->schedule, layer) + 1;
    if (end > u->end[layer])
        u->end[layer] = end;
    note_read(u, layer, row); /* the rows between may still come */
    if (layer > 0)
        note_read(u, layer - 1, row);
}

/* Rows after which the blocks of all layers start anew, and those before the last layer is first
 * reached. */
static int rows_to_feed(const lode_dense_schedule *s) {
    int period = 1, begin = 1;
    for (int i = 1; i < s->dense->layers; i++) {
        int d = s->dense->layer[i].dilation;
        begin += rows_seen(s, i) + rows_ahead(s, i);
        int block = rows_ahead(s, i) > 0 ? LODE_WINOGRAD_OUTPUTS * d : 1, common = period;
        while (common % block != 0)
            common += period;
        period = common;
    }
    return begin + period;
}

void lode_dense_rows_kept(const lode_dense *dense, bool anchored,
                          int kept[LODE_DENSE_MAX_DEPTH + 1]) {
    upkeep u = {.schedule = {.dense = dense, .anchored = anchored}, .kept = kept};
    int64_t embedded = 0;
    for (int i = 0; i < dense->layers; i++)
        kept[i] = 0;
    for (int fed = rows_to_feed(&u.schedule); fed > 0; fed--) {
        lode_dense_schedule_feed(&u.schedule, note_computed, &u);
        for (; embedded < lode_dense_schedule_complete(&u.schedule); embedded++)
            for (int i = lode_dense_first_scale(dense); i < dense->layers; i++)
                note_read(&u, i, embedded + lode_dense_reach(dense, i));
    }
}
