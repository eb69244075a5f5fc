#include "view/derive.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "view/vrt.h"

/* ---- Transforms of a stack ------------------------------------------------------------------- */

/* Numbers as a pixel function's argument: separated by spaces. The caller frees the text. */
static char *number_list(const double *numbers, int count) {
    size_t size = (size_t)count * 26 + 1, used = 0;
    char *text = lode_alloc(size, 1);
    for (int i = 0; text && i < count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%.17g", i ? " " : "", numbers[i]);
    return text;
}

/* The floors of the element bands, in order. */
static char *floor_list(const lode_recipe *recipe, int elements) {
    double *floors = lode_alloc((size_t)elements, sizeof *floors);
    int at = 0;
    for (int i = 0; floors && i < recipe->bands; i++)
        if (recipe->element[i])
            floors[at++] = (double)recipe->floor[i];
    char *text = floors ? number_list(floors, elements) : NULL;
    lode_free(floors);
    return text;
}

static lode_status add_log_ratio(lode_vrt *vrt, const lode_stack *stack, const lode_recipe *recipe,
                                 const int *numbers, bool clr, int part, const char *floors) {
    int bands = recipe->bands, at = 0;
    const char *own = "";
    for (int i = 0; i < bands; i++)
        if (recipe->element[i] && ++at == part)
            own = recipe->names[i];
    char *description = clr ? lode_format("clr %s", own) : lode_format("ilr %d", part);
    lode_status status = description
                             ? lode_vrt_add_band(vrt, description, clr ? "lode_clr" : "lode_ilr")
                             : lode_fail_memory();
    lode_free(description);
    LODE_TRY(status);
    LODE_TRY(lode_vrt_add_number(vrt, clr ? "part" : "coordinate", part));
    LODE_TRY(lode_vrt_add_argument(vrt, "floor", floors));
    for (int i = 0; i < bands; i++)
        if (recipe->element[i])
            LODE_TRY(lode_vrt_add_stack_band(vrt, stack, numbers[i]));
    return LODE_OK;
}

static lode_status add_log_ratios(lode_vrt *vrt, const lode_stack *stack, const lode_recipe *recipe,
                                  const int *numbers, bool clr) {
    int elements = 0;
    for (int i = 0; i < recipe->bands; i++)
        elements += recipe->element[i];
    if (elements < 2)
        return lode_fail(LODE_ERROR_DATA,
                         "'%s' has %d band(s) named after an element; a log-ratio needs two. Name "
                         "the bands by their descriptions, for example Au or SiO2.",
                         lode_stack_name(stack), elements);
    char *floors = floor_list(recipe, elements);
    lode_status status = floors ? LODE_OK : lode_fail_memory();
    for (int part = 1; part <= elements - (clr ? 0 : 1) && status == LODE_OK; part++)
        status = add_log_ratio(vrt, stack, recipe, numbers, clr, part, floors);
    lode_free(floors);
    return status;
}

static lode_status add_zscores(lode_vrt *vrt, const lode_stack *stack, const lode_recipe *recipe,
                               const int *numbers) {
    for (int i = 0; i < recipe->channels; i++) {
        if (!(recipe->scale[i] > 0)) {
            lode_log(LODE_LOG_WARNING, "Band '%s' is constant and left out.", recipe->names[i]);
            continue;
        }
        char *description = lode_format("zscore %s", recipe->names[i]);
        lode_status status =
            description ? lode_vrt_add_band(vrt, description, "lode_zscore") : lode_fail_memory();
        lode_free(description);
        LODE_TRY(status);
        LODE_TRY(lode_vrt_add_number(vrt, "centre", (double)recipe->centre[i]));
        LODE_TRY(lode_vrt_add_number(vrt, "scale", (double)recipe->scale[i]));
        LODE_TRY(lode_vrt_add_stack_band(vrt, stack, numbers[i]));
    }
    return LODE_OK;
}

lode_status lode_derive_transform(const char *path, lode_stack *stack, const char *transform,
                                  const lode_progress *progress) {
    bool zscore = strcmp(transform, "zscore") == 0;
    lode_recipe *recipe = NULL;
    /* Floors belong to log-ratios, centres and scales to the values as they are. */
    LODE_TRY(lode_recipe_fit(stack, NULL, 0, zscore ? LODE_TRANSFORM_NONE : LODE_TRANSFORM_CLR,
                             progress, &recipe));
    int *numbers = lode_alloc((size_t)recipe->bands, sizeof *numbers);
    lode_vrt *vrt = NULL;
    lode_status status = numbers ? lode_recipe_match(recipe, stack, numbers) : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_vrt_create(path, stack, &vrt);
    if (status == LODE_OK)
        status = zscore
                     ? add_zscores(vrt, stack, recipe, numbers)
                     : add_log_ratios(vrt, stack, recipe, numbers, strcmp(transform, "clr") == 0);
    if (status == LODE_OK)
        status = lode_vrt_write(vrt);
    lode_vrt_free(vrt);
    lode_free(numbers);
    lode_recipe_free(recipe);
    return status;
}

/* ---- Score of a model ------------------------------------------------------------------------ */

lode_status lode_derive_score(const char *path, const lode_stack *stack, const lode_model *model,
                              const char *view) {
    const lode_head *head = model->head;
    if (!head)
        return lode_fail(LODE_ERROR_MODEL,
                         "'%s' has no head, so there is no score. Run 'lode fit' on it first.",
                         model->name);
    double *weights = lode_alloc((size_t)head->features, sizeof *weights);
    for (int i = 0; weights && i < head->features; i++)
        weights[i] = head->platt_a * head->score_weights[i];
    char *text = weights ? number_list(weights, head->features) : NULL;
    lode_free(weights);
    lode_vrt *vrt = NULL;
    lode_status status = text ? lode_vrt_create(path, stack, &vrt) : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_vrt_add_band(vrt, "score", "lode_score");
    if (status == LODE_OK)
        status = lode_vrt_add_argument(vrt, "weights", text);
    if (status == LODE_OK)
        status = lode_vrt_add_number(vrt, "bias", head->platt_a * head->score_bias + head->platt_b);
    for (int i = 0; i < head->features && status == LODE_OK; i++)
        status = lode_vrt_add_file_band(vrt, view, i + 1);
    if (status == LODE_OK)
        status = lode_vrt_write(vrt);
    lode_vrt_free(vrt);
    lode_free(text);
    return status;
}
