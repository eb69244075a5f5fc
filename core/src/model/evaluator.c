/* evaluator.c - tiles of a stack, each going on from the one above it (public, lode.h). */
#include "encoder/encoder.h"
#include "model/model.h"
#include "model/plan.h"
#include "raster/runs.h"
#include "raster/stack.h"
#include "util/error.h"
#include "util/memory.h"

struct lode_evaluator {
    const lode_plan *plan;
    lode_stack *stack;
    const int *numbers;
    int bands;
    double min_valid;
    lode_plan_stream *stream; /* NULL before the first tile and after a failure */
    int x, width;             /* of the stream */
    void *input;              /* rows of the stack */
    size_t input_size;
};

lode_status lode_evaluator_create(const lode_plan *plan, lode_stack *stack, const int *numbers,
                                  double min_valid, lode_evaluator **evaluator) {
    lode_evaluator *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    const lode_model *model = lode_plan_model(plan);
    made->plan = plan;
    made->stack = stack;
    made->numbers = numbers;
    made->bands = lode_model_band_count(model);
    made->min_valid = min_valid;
    *evaluator = made;
    return LODE_OK;
}

static void end_stream(lode_evaluator *e) {
    lode_plan_stream_free(e->stream);
    e->stream = NULL;
}

void lode_evaluator_free(lode_evaluator *evaluator) {
    if (!evaluator)
        return;
    end_stream(evaluator);
    lode_free(evaluator->input);
    lode_free(evaluator);
}

/* Reads what the stream takes next. */
static lode_status read_rows(lode_evaluator *e, int y, int height) {
    int left, wide, count;
    int64_t top;
    lode_plan_columns(e->plan, e->x, e->width, &left, &wide);
    lode_plan_stream_rows(e->stream, y, height, &top, &count);
    if (count == 0)
        return LODE_OK;
    /* No row lies further down than just below the raster, whose last may be number INT_MAX - 1. */
    int below = lode_stack_grid(e->stack)->height;
    if (!lode_room(&e->input, &e->input_size, (size_t)wide * (size_t)count,
                   (size_t)e->bands * sizeof(float)))
        return lode_fail_memory();
    return lode_stack_read(e->stack, left, top < below ? (int)top : below, wide, count, e->numbers,
                           e->bands, e->input);
}

static lode_status evaluate(lode_evaluator *e, int x, int y, int width, int height, float *output) {
    if (!e->stream || x != e->x || width != e->width) {
        end_stream(e);
        e->x = x;
        e->width = width;
        LODE_TRY(lode_plan_stream_create(e->plan, x, width, &e->stream));
    }
    LODE_TRY(read_rows(e, y, height));
    return lode_plan_stream_next(e->stream, e->input, y, height, e->min_valid, output);
}

lode_status lode_evaluator_tile(lode_evaluator *evaluator, int x, int y, int width, int height,
                                float *output) {
    const lode_grid *grid = lode_stack_grid(evaluator->stack);
    if (x < 0 || y < 0 || width < 1 || height < 1 || width > grid->width - x ||
        height > grid->height - y)
        return lode_fail(LODE_ERROR_USAGE,
                         "%d x %d cells at column %d, row %d do not lie in the stack's %d x %d.",
                         width, height, x, y, grid->width, grid->height);
    lode_status status = evaluate(evaluator, x, y, width, height, output);
    if (status != LODE_OK)
        end_stream(evaluator); /* it lacks rows */
    return status;
}

int lode_plan_run_length(const lode_plan *plan, lode_stack *stack, const int *numbers,
                         const lode_tiling *tiling, int threads) {
    const lode_model *model = lode_plan_model(plan);
    if (model->encoder && !lode_encoder_get_kind(model->encoder)->dense)
        return 1; /* its windows share nothing */
    return lode_runs_tall(stack, numbers, lode_model_band_count(model), tiling,
                          lode_model_half_window(model), threads);
}
