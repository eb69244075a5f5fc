#include "validate/pool.h"

#include <math.h>
#include <string.h>

#include "head/places.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "util/random.h"

enum { STREAM_SHIFT = 301 };

static void run_free(lode_run *run) {
    lode_free(run->place);
    lode_free(run->deposit);
    lode_free(run->block);
    lode_free(run->fold);
}

void lode_pool_free(lode_pool *pool) {
    if (!pool)
        return;
    for (int r = 0; pool->runs && r < pool->repeats + pool->permutations; r++)
        run_free(&pool->runs[r]);
    lode_free(pool->runs);
    lode_free(pool->columns);
    lode_free(pool->rows);
    lode_free(pool->cluster);
    lode_free(pool->x);
    lode_free(pool->y);
    lode_free(pool);
}

/* What the steps below share. */
typedef struct drawing {
    lode_stack *stack;
    const lode_recipe *recipe;
    const lode_validate_options *options;
    lode_deposits *deposits;
    unsigned char *allowed; /* cells near samples; NULL = anywhere */
    lode_pool *pool;
} drawing;

/* ---- Places -----------------------------------------------------------------------------------
 */

static lode_status grow_pool(lode_pool *pool, size_t more) {
    size_t wanted = pool->n + more;
    int *columns = lode_grow(pool->columns, pool->n, wanted, sizeof *columns);
    if (!columns)
        return lode_fail_memory();
    pool->columns = columns;
    int *rows = lode_grow(pool->rows, pool->n, wanted, sizeof *rows);
    if (!rows)
        return lode_fail_memory();
    pool->rows = rows;
    return LODE_OK;
}

static void add_place(lode_pool *pool, int column, int row) {
    pool->columns[pool->n] = column;
    pool->rows[pool->n++] = row;
}

static lode_status run_allocate(lode_run *run, size_t deposits, size_t background) {
    run->n = deposits + background;
    run->deposits = deposits;
    run->place = lode_alloc(run->n, sizeof *run->place);
    run->deposit = lode_alloc(run->n, 1);
    run->block = lode_alloc(run->n, sizeof *run->block);
    run->fold = lode_alloc(run->n, sizeof *run->fold);
    if (!run->place || !run->deposit || !run->block || !run->fold)
        return lode_fail_memory();
    memset(run->deposit, 1, deposits);
    return LODE_OK;
}

static lode_status draw_repeat(drawing *d, int repeat) {
    lode_pool *pool = d->pool;
    lode_background_options background = {.count = (size_t)d->options->background,
                                          .exclusion = pool->exclusion,
                                          .allowed = d->allowed,
                                          .seed = d->options->seed + (uint64_t)repeat,
                                          .threads = d->options->threads};
    lode_places places;
    LODE_TRY(lode_places_draw(d->deposits, d->stack, d->recipe, &background, pool->block, &places));
    lode_run *run = &pool->runs[repeat];
    size_t drawn = places.n - d->deposits->n;
    lode_status status = run_allocate(run, pool->deposits, drawn);
    if (status == LODE_OK)
        status = grow_pool(pool, drawn);
    for (size_t i = 0; status == LODE_OK && i < places.n; i++) {
        run->place[i] = i < pool->deposits ? i : pool->n;
        if (i >= pool->deposits)
            add_place(pool, places.columns[i], places.rows[i]);
    }
    lode_places_free(&places);
    return status;
}

/* The deposits of a permutation: all moved by one random step with wrap-around, so that they stay
 * as clustered as they are; what lands on a cell without data goes to a random background place. */
static lode_status draw_permutation(drawing *d, int permutation) {
    lode_pool *pool = d->pool;
    const lode_grid *grid = lode_stack_grid(d->stack);
    const lode_run *from = &pool->runs[permutation % pool->repeats];
    lode_run *run = &pool->runs[pool->repeats + permutation];
    size_t n = pool->deposits, background = from->n - from->deposits;
    LODE_TRY(run_allocate(run, n, background));
    memcpy(run->place + n, from->place + n, background * sizeof *run->place);
    LODE_TRY(grow_pool(pool, n));
    int *columns = pool->columns + pool->n, *rows = pool->rows + pool->n;
    lode_random random = lode_random_stream(d->options->seed, STREAM_SHIFT + (uint64_t)permutation);
    int right = (int)lode_random_below(&random, (uint32_t)grid->width);
    int down = (int)lode_random_below(&random, (uint32_t)grid->height);
    for (size_t i = 0; i < n; i++) {
        run->place[i] = pool->n;
        add_place(pool, (pool->columns[i] + right) % grid->width,
                  (pool->rows[i] + down) % grid->height);
    }
    lode_features bands = {.inputs = LODE_INPUT_BANDS, .recipe = d->recipe};
    float *values = lode_alloc(n, (size_t)lode_features_count(&bands) * sizeof *values);
    unsigned char *valid = lode_alloc(n, 1);
    lode_status status = values && valid ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_features_at(&bands, d->stack, columns, rows, n, d->options->threads, NULL,
                                  values, valid);
    for (size_t i = 0; status == LODE_OK && i < n; i++) {
        size_t other = run->place[n + lode_random_below(&random, (uint32_t)background)];
        bool usable =
            valid[i] &&
            (!d->allowed || d->allowed[(size_t)rows[i] * (size_t)grid->width + (size_t)columns[i]]);
        columns[i] = usable ? columns[i] : pool->columns[other];
        rows[i] = usable ? rows[i] : pool->rows[other];
    }
    lode_free(values);
    lode_free(valid);
    return status;
}

static lode_status measure_places(drawing *d) {
    lode_pool *pool = d->pool;
    double along, down;
    lode_stack_cell_size(d->stack, &along, &down);
    pool->x = lode_alloc(pool->n, sizeof *pool->x);
    pool->y = lode_alloc(pool->n, sizeof *pool->y);
    if (!pool->x || !pool->y)
        return lode_fail_memory();
    for (size_t i = 0; i < pool->n; i++) {
        pool->x[i] = (pool->columns[i] + 0.5) * along;
        pool->y[i] = (pool->rows[i] + 0.5) * down;
    }
    return LODE_OK;
}

/* ---- Cells near samples -----------------------------------------------------------------------
 */

typedef struct near_samples {
    const lode_sampling *sampling;
    int width;
    double limit;
    unsigned char *allowed;
} near_samples;

static lode_status mark_row(void *context, size_t row, int worker) {
    (void)worker;
    near_samples *job = context;
    double *distance = lode_alloc((size_t)job->width, sizeof *distance);
    lode_status status =
        distance ? lode_sampling_nearest(job->sampling, 0, (int)row, job->width, distance)
                 : lode_fail_memory();
    for (int column = 0; column < job->width && status == LODE_OK; column++)
        job->allowed[row * (size_t)job->width + (size_t)column] = distance[column] <= job->limit;
    lode_free(distance);
    return status;
}

/* Background may lie as far from a sample as the farthest deposit does. */
static lode_status mark_near_samples(drawing *d, const lode_sampling *sampling) {
    const lode_grid *grid = lode_stack_grid(d->stack);
    near_samples job = {
        .sampling = sampling, .width = grid->width, .limit = fmax(sampling->along, sampling->down)};
    for (size_t i = 0; i < d->deposits->n; i++) {
        double distance;
        LODE_TRY(lode_sampling_nearest(sampling, d->deposits->columns[i], d->deposits->rows[i], 1,
                                       &distance));
        if (isfinite(distance))
            job.limit = fmax(job.limit, distance);
    }
    d->allowed = lode_alloc((size_t)grid->height, (size_t)grid->width);
    if (!d->allowed)
        return lode_fail_memory();
    job.allowed = d->allowed;
    d->pool->sample_limit = job.limit;
    return lode_parallel_for((size_t)grid->height, d->options->threads, mark_row, &job, NULL, NULL);
}

/* ---- Folds ------------------------------------------------------------------------------------
 */

static lode_status lay_blocks(drawing *d, int lot, lode_run *run) {
    LODE_TRY(lode_blocks_lay(d->stack, d->options->shape, d->pool->block,
                             d->options->seed + (uint64_t)lot, &run->blocks));
    for (size_t i = 0; i < run->n; i++)
        run->block[i] = lode_blocks_at(&run->blocks, d->pool->columns[run->place[i]],
                                       d->pool->rows[run->place[i]]);
    return LODE_OK;
}

/* Leave one cluster out: background belongs to the cluster of its nearest deposit. */
static lode_status fold_by_cluster(drawing *d, lode_run *run) {
    size_t n = run->deposits;
    double *x = lode_alloc(2 * n, sizeof *x), *y = x ? x + n : NULL;
    if (!x)
        return lode_fail_memory();
    for (size_t i = 0; i < n; i++) {
        x[i] = d->pool->x[run->place[i]];
        y[i] = d->pool->y[run->place[i]];
    }
    lode_neighbours *deposits = NULL;
    lode_status status = lode_clusters(x, y, n, d->pool->block, run->fold, &run->folds);
    if (status == LODE_OK)
        status = lode_neighbours_create(x, y, n, &deposits);
    for (size_t i = n; status == LODE_OK && i < run->n; i++) {
        double distance;
        size_t nearest;
        lode_neighbours_find(deposits, d->pool->x[run->place[i]], d->pool->y[run->place[i]], 1,
                             &distance, &nearest);
        run->fold[i] = run->fold[nearest];
    }
    lode_neighbours_free(deposits);
    lode_free(x);
    if (status == LODE_OK && run->folds < 2)
        return lode_fail(LODE_ERROR_DATA,
                         "All deposits form one cluster at %g m. Use a smaller --block or "
                         "validation by blocks.",
                         d->pool->block);
    return status;
}

/* lot: what the position of the blocks and the dealing are drawn with. */
static lode_status make_folds(drawing *d, int number, int lot) {
    lode_run *run = &d->pool->runs[number];
    LODE_TRY(lay_blocks(d, lot, run));
    if (d->options->cluster_out)
        return fold_by_cluster(d, run);
    run->folds = d->options->folds;
    return lode_folds_deal(run->block, run->deposit, run->n, d->options->seed + (uint64_t)lot,
                           &run->folds, run->fold);
}

/* Moved deposits may all fall into one block; other blocks are laid until they do not. */
static lode_status make_folds_of_permutation(drawing *d, int number) {
    enum { ATTEMPTS = 20 };
    lode_status status = LODE_OK;
    int apart = d->pool->repeats + d->pool->permutations;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        status = make_folds(d, number, number + attempt * apart);
        if (status != LODE_ERROR_DATA)
            break;
    }
    return status;
}

/* ---- Buffer -----------------------------------------------------------------------------------
 */

/* Windows are squares, so the distance that counts is the larger of both axes. */
static bool within(const lode_pool *pool, const lode_run *run, size_t a, size_t b, double buffer) {
    size_t i = run->place[a], j = run->place[b];
    return fabs(pool->x[i] - pool->x[j]) < buffer && fabs(pool->y[i] - pool->y[j]) < buffer;
}

static bool in_buffer(const lode_pool *pool, const lode_run *run, size_t place, int fold,
                      double buffer) {
    for (size_t i = 0; i < run->deposits; i++)
        if (run->fold[i] == fold && within(pool, run, place, i, buffer))
            return true;
    return false;
}

/* Smallest share, over folds of all repeats, of training deposits that a buffer leaves. */
static double share_left(const lode_pool *pool, double buffer) {
    double smallest = 1;
    for (int r = 0; r < pool->repeats; r++) {
        const lode_run *run = &pool->runs[r];
        for (int fold = 0; fold < run->folds; fold++) {
            double kept = 0, all = 0;
            for (size_t i = 0; i < run->deposits; i++) {
                all += run->fold[i] != fold;
                kept += run->fold[i] != fold && !in_buffer(pool, run, i, fold, buffer);
            }
            smallest = fmin(smallest, all > 0 ? kept / all : 0);
        }
    }
    return smallest;
}

/* One window, or less when that would leave under two thirds of the deposits to train on. */
static void choose_buffer(const lode_validate_options *options, lode_pool *pool) {
    static const double parts[] = {1, 0.75, 0.5, 0.25, 0};
    pool->buffer = options->buffer;
    for (int i = 0; options->buffer < 0 && i < 5; i++) {
        pool->buffer = parts[i] * pool->window;
        pool->shortened = i > 0;
        if (share_left(pool, pool->buffer) >= 2.0 / 3)
            break;
    }
}

/* ---- All together -----------------------------------------------------------------------------
 */

static lode_status choose_distances(drawing *d, int half_window) {
    lode_pool *pool = d->pool;
    const lode_grid *grid = lode_stack_grid(d->stack);
    double cell = lode_stack_cell_metres(d->stack), along, down;
    lode_stack_cell_size(d->stack, &along, &down);
    pool->window = (2.0 * half_window + 1) * fmax(along, down);
    double area = (double)grid->width * along * (double)grid->height * down;
    pool->cluster_distance = 0.25 * sqrt(area / (double)pool->deposits);
    pool->block = d->options->block;
    if (pool->block < 0)
        pool->block = lode_blocks_default_side(area, pool->deposits, pool->window);
    if (pool->block < pool->window * (1 - 1e-9))
        return lode_fail(LODE_ERROR_USAGE,
                         "--block is %g m, smaller than the window of %g m: test and training "
                         "windows would overlap everywhere. Use larger blocks or a smaller window.",
                         pool->block, pool->window);
    pool->exclusion = d->options->exclusion >= 0 ? d->options->exclusion : 2 * cell;
    return LODE_OK;
}

static lode_status take_deposits(drawing *d) {
    lode_pool *pool = d->pool;
    LODE_TRY(lode_deposits_read(d->options->deposits, d->options->where, d->stack, d->recipe,
                                &d->deposits));
    pool->deposits = d->deposits->n;
    pool->layer.read = d->deposits->read;
    pool->layer.outside = d->deposits->outside;
    pool->layer.without_data = d->deposits->without_data;
    pool->layer.same_cell = d->deposits->same_cell;
    if (pool->deposits < 4)
        return lode_fail(LODE_ERROR_DATA,
                         "Only %zu deposit(s) lie on cells with data; cross-validation needs at "
                         "least 4.",
                         pool->deposits);
    LODE_TRY(grow_pool(pool, pool->deposits));
    for (size_t i = 0; i < pool->deposits; i++)
        add_place(pool, d->deposits->columns[i], d->deposits->rows[i]);
    return LODE_OK;
}

/* True when deposits of the cluster lie in several folds of the run. */
static bool is_divided(const lode_run *run, const int *cluster, int number) {
    int fold = -1;
    for (size_t i = 0; i < run->deposits; i++) {
        if (cluster[i] != number)
            continue;
        if (fold >= 0 && run->fold[i] != fold)
            return true;
        fold = run->fold[i];
    }
    return false;
}

static lode_status count_clusters(lode_pool *pool) {
    pool->cluster = lode_alloc(pool->deposits, sizeof *pool->cluster);
    if (!pool->cluster)
        return lode_fail_memory();
    LODE_TRY(lode_clusters(pool->x, pool->y, pool->deposits, pool->cluster_distance, pool->cluster,
                           &pool->clusters));
    for (int r = 0; r < pool->repeats; r++) {
        int divided = 0;
        for (int c = 0; c < pool->clusters; c++)
            divided += is_divided(&pool->runs[r], pool->cluster, c);
        pool->divided = divided > pool->divided ? divided : pool->divided;
    }
    return LODE_OK;
}

static lode_status draw_all(drawing *d, int half_window, const lode_sampling *sampling,
                            const lode_progress *progress) {
    lode_pool *pool = d->pool;
    LODE_TRY(take_deposits(d));
    LODE_TRY(choose_distances(d, half_window));
    if (sampling)
        LODE_TRY(mark_near_samples(d, sampling));
    pool->repeats = d->options->repeats;
    pool->permutations = d->options->permutations;
    int runs = pool->repeats + pool->permutations;
    pool->runs = lode_alloc((size_t)runs, sizeof *pool->runs);
    if (!pool->runs)
        return lode_fail_memory();
    for (int r = 0; r < runs; r++) {
        LODE_TRY(lode_progress_report(progress, (double)r / runs, "drawing background"));
        LODE_TRY(r < pool->repeats ? draw_repeat(d, r) : draw_permutation(d, r - pool->repeats));
    }
    LODE_TRY(measure_places(d));
    for (int r = 0; r < runs; r++)
        LODE_TRY(r < pool->repeats ? make_folds(d, r, r) : make_folds_of_permutation(d, r));
    choose_buffer(d->options, pool);
    return count_clusters(pool);
}

lode_status lode_pool_draw(lode_stack *stack, const lode_recipe *recipe, int half_window,
                           const lode_sampling *sampling, const lode_validate_options *options,
                           const lode_progress *progress, lode_pool **pool) {
    drawing d = {.stack = stack, .recipe = recipe, .options = options};
    d.pool = lode_alloc(1, sizeof *d.pool);
    lode_status status =
        d.pool ? draw_all(&d, half_window, sampling, progress) : lode_fail_memory();
    lode_deposits_free(d.deposits);
    lode_free(d.allowed);
    if (status != LODE_OK) {
        lode_pool_free(d.pool);
        return status;
    }
    *pool = d.pool;
    return LODE_OK;
}

int lode_pool_fewest_folds(const lode_pool *pool) {
    int fewest = pool->runs[0].folds;
    for (int r = 1; r < pool->repeats; r++)
        fewest = pool->runs[r].folds < fewest ? pool->runs[r].folds : fewest;
    return fewest;
}

/* ---- Trials -----------------------------------------------------------------------------------
 */

void lode_trial_free(lode_trial *trial) {
    lode_free(trial->train);
    lode_free(trial->test);
    trial->train = trial->test = NULL;
}

static void fill(lode_trial *trial, double buffer) {
    const lode_run *run = trial->run;
    trial->train_count = trial->test_count = trial->train_deposits = 0;
    for (size_t i = 0; i < run->n; i++) {
        if (run->fold[i] == trial->fold)
            trial->test[trial->test_count++] = i;
        else if (trial->train_count < trial->train_deposits + LODE_TRAIN_BACKGROUND &&
                 !in_buffer(trial->pool, run, i, trial->fold, buffer)) {
            trial->train[trial->train_count++] = i;
            trial->train_deposits += run->deposit[i];
        }
    }
}

static bool trainable(const lode_trial *trial) {
    return trial->train_deposits >= 2 && trial->train_count > trial->train_deposits;
}

lode_status lode_trial_create(const lode_pool *pool, int number, int fold, lode_trial *trial) {
    const lode_run *run = &pool->runs[number];
    lode_trial made = {.pool = pool, .run = run, .number = number, .fold = fold};
    made.train = lode_alloc(run->n, sizeof *made.train);
    made.test = lode_alloc(run->n, sizeof *made.test);
    if (!made.train || !made.test) {
        lode_trial_free(&made);
        return lode_fail_memory();
    }
    fill(&made, pool->buffer);
    if (!trainable(&made) && number >= pool->repeats)
        fill(&made, 0); /* deposits of a permutation may have moved into one corner */
    if (!trainable(&made)) {
        lode_status status =
            lode_fail(LODE_ERROR_DATA,
                      "With a buffer of %g m, fold %d has %zu deposits and %zu background places "
                      "left to train on. Use a smaller --buffer, --exclusion or --window, or more "
                      "--folds.",
                      pool->buffer, fold + 1, made.train_deposits,
                      made.train_count - made.train_deposits);
        lode_trial_free(&made);
        return status;
    }
    *trial = made;
    return LODE_OK;
}
