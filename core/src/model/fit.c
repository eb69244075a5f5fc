#include "model/fit.h"

#include <string.h>

#include "head/reference.h"
#include "util/error.h"
#include "util/json.h"
#include "util/memory.h"
#include "util/random.h"

enum { AREA_CELLS = 4000, STREAM_AREA = 301 };

void lode_fit_defaults(lode_fit_options *options) {
    *options =
        (lode_fit_options){.exclusion = -1, .background = 1000, .block = -1, .smooth_radius = 2};
    lode_head_defaults(&options->head);
}

double lode_fit_exclusion(const lode_stack *stack, double wanted) {
    return wanted >= 0 ? wanted : 2 * lode_stack_cell_metres(stack);
}

/* ---- The training area ------------------------------------------------------------------------
 */

/* Features of cells drawn at random over the stack, those with data only; *n may be 0. */
static lode_status area_features(const lode_features *features, lode_stack *stack, uint64_t seed,
                                 int threads, const lode_progress *progress, float **x, size_t *n) {
    const lode_grid *grid = lode_stack_grid(stack);
    size_t width = (size_t)lode_features_count(features), cells = AREA_CELLS;
    int *columns = lode_alloc(cells, sizeof *columns), *rows = lode_alloc(cells, sizeof *rows);
    float *values = lode_alloc(cells, width * sizeof *values);
    unsigned char *valid = lode_alloc(cells, 1);
    lode_status status = columns && rows && values && valid ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK) {
        lode_random random = lode_random_stream(seed, STREAM_AREA);
        for (size_t i = 0; i < cells; i++) {
            columns[i] = (int)lode_random_below(&random, (uint32_t)grid->width);
            rows[i] = (int)lode_random_below(&random, (uint32_t)grid->height);
        }
        status = lode_features_at(features, stack, columns, rows, cells, threads, progress, values,
                                  valid);
    }
    *n = 0;
    for (size_t i = 0; status == LODE_OK && i < cells; i++)
        if (valid[i])
            memmove(values + (*n)++ * width, values + i * width, width * sizeof *values);
    lode_free(columns);
    lode_free(rows);
    lode_free(valid);
    if (status != LODE_OK) {
        lode_free(values);
        return status;
    }
    *x = values;
    return LODE_OK;
}

static lode_status set_breaks(lode_head *head, const float *x, size_t n) {
    float *scores = lode_alloc(n, sizeof *scores);
    if (!scores)
        return lode_fail_memory();
    for (size_t i = 0; i < n; i++)
        lode_head_score(head, x + i * (size_t)head->features, &scores[i], NULL);
    lode_head_set_breaks(head, scores, n);
    lode_free(scores);
    return LODE_OK;
}

lode_status lode_fit_area(lode_model *model, lode_stack *stack, uint64_t seed, int threads,
                          const lode_progress *progress) {
    lode_features features = lode_model_features(model);
    float *x;
    size_t n;
    LODE_TRY(area_features(&features, stack, seed, threads, progress, &x, &n));
    lode_status status = LODE_OK;
    if (n == 0)
        status = lode_fail(LODE_ERROR_DATA,
                           "The stack '%s' has too few cells with data to describe "
                           "the area.",
                           lode_stack_name(stack));
    if (status == LODE_OK && model->head)
        status = set_breaks(model->head, x, n);
    if (status == LODE_OK) {
        lode_reference_free(model->reference);
        model->reference = NULL;
        status = lode_reference_fit(x, n, lode_features_count(&features), &model->reference);
    }
    lode_free(x);
    return status;
}

/* ---- The head ---------------------------------------------------------------------------------
 */

static lode_status fit_head(lode_model *model, lode_stack *stack, const lode_places *places,
                            const lode_fit_options *options, const lode_progress *progress) {
    lode_features full = {LODE_INPUT_BANDS | LODE_INPUT_SMOOTH, options->smooth_radius,
                          model->recipe, model->encoder};
    if (model->encoder)
        full.inputs |= LODE_INPUT_EMBEDDING;
    lode_progress reading = lode_progress_part(progress, 0, 0.4);
    lode_progress fitting = lode_progress_part(progress, 0.4, 1);
    float *all = lode_alloc(places->n, (size_t)lode_features_count(&full) * sizeof *all);
    unsigned char *valid = lode_alloc(places->n, 1);
    lode_status status = all && valid ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_features_at(&full, stack, places->columns, places->rows, places->n,
                                  options->head.threads, &reading, all, valid);
    lode_head *head = NULL;
    if (status == LODE_OK)
        status = lode_head_fit(&full, all, places, &options->head, &fitting, &head);
    if (status == LODE_OK) {
        lode_head_free(model->head);
        model->head = head;
    }
    lode_free(all);
    lode_free(valid);
    return status;
}

static void note(lode_model *model, const lode_stack *stack, const lode_fit_options *options,
                 const lode_deposits *deposits, const lode_places *places, double exclusion,
                 double block) {
    json_t *json = json_object();
    json_object_set_new(json, "stack", lode_json_source(lode_stack_name(stack)));
    json_object_set_new(json, "deposits", lode_json_source(options->deposits));
    json_object_set_new(json, "where", lode_json_text(options->where));
    json_object_set_new(json, "deposits_used", json_integer((json_int_t)deposits->n));
    json_object_set_new(json, "background", json_integer((json_int_t)(places->n - deposits->n)));
    json_object_set_new(json, "exclusion_m", json_real(exclusion));
    json_object_set_new(json, "block_m", json_real(block));
    json_object_set_new(json, "seed", json_integer((json_int_t)options->head.seed));
    json_object_set_new(json, "lode", json_string(lode_version()));
    json_object_set_new(model->provenance, "fit", json);
}

lode_status lode_fit(lode_model *model, lode_stack *stack, const lode_fit_options *options,
                     const lode_progress *progress, lode_deposits **deposits) {
    lode_deposits *known;
    LODE_TRY(lode_deposits_read(options->deposits, options->where, stack, model->recipe, &known));
    lode_background_options drawing = {.count = (size_t)options->background,
                                       .exclusion = lode_fit_exclusion(stack, options->exclusion),
                                       .seed = options->head.seed,
                                       .threads = options->head.threads};
    int half = model->encoder ? lode_encoder_half_window(model->encoder) : options->smooth_radius;
    double block =
        options->block > 0 ? options->block : lode_places_block_metres(known, stack, half);
    lode_progress fitting = lode_progress_part(progress, 0, 0.8);
    lode_progress describing = lode_progress_part(progress, 0.8, 1);
    lode_places places = {0};
    lode_status status = lode_places_draw(known, stack, model->recipe, &drawing, block, &places);
    if (status == LODE_OK)
        status = fit_head(model, stack, &places, options, &fitting);
    if (status == LODE_OK)
        status =
            lode_fit_area(model, stack, options->head.seed, options->head.threads, &describing);
    if (status == LODE_OK)
        note(model, stack, options, known, &places, drawing.exclusion, block);
    lode_places_free(&places);
    if (status == LODE_OK && deposits)
        *deposits = known;
    else
        lode_deposits_free(known);
    return status;
}
