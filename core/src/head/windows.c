#include "head/windows.h"

#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

typedef struct reading {
    lode_stack *stack;
    const lode_recipe *recipe;
    const int *columns, *rows, *bands;
    int side;
    float *raw; /* [threads][side][side][bands] */
    float *out;
} reading;

static lode_status read_window(void *context, size_t item, int worker) {
    const reading *job = context;
    int half = job->side / 2;
    size_t cells = (size_t)job->side * (size_t)job->side;
    float *raw = job->raw + (size_t)worker * cells * (size_t)job->recipe->bands;
    LODE_TRY(lode_stack_read(job->stack, job->columns[item] - half, job->rows[item] - half,
                             job->side, job->side, job->bands, job->recipe->bands, raw));
    return lode_recipe_apply(job->recipe, raw, cells,
                             job->out + item * cells * ((size_t)job->recipe->channels + 1));
}

lode_status lode_windows_read(lode_stack *stack, const lode_recipe *recipe, const int *columns,
                              const int *rows, size_t n, int side, int threads,
                              const lode_progress *progress, float *out) {
    size_t workers = (size_t)lode_thread_count(threads);
    int *bands = lode_alloc((size_t)recipe->bands, sizeof *bands);
    float *raw =
        lode_alloc(workers * (size_t)side * (size_t)side, (size_t)recipe->bands * sizeof *raw);
    lode_status status = bands && raw ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_recipe_match(recipe, stack, bands);
    reading job = {stack, recipe, columns, rows, bands, side, raw, out};
    if (status == LODE_OK)
        status = lode_parallel_for(n, (int)workers, read_window, &job, progress,
                                   "reading training windows");
    lode_free(bands);
    lode_free(raw);
    return status;
}
