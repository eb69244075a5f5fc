#include "geochem/recipe.h"

#include <math.h>
#include <string.h>

#include "geochem/composition.h"
#include "geochem/element.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/select.h"
#include "util/simd.h"

enum { SAMPLE_TILE = 64, SAMPLE_CELLS = 200000, MAX_BANDS = 4096 };
/* At most this many values are held while a recipe is fitted (64 MB). */
#define SAMPLE_VALUES 16000000
#define DEFAULT_CLIP 5.0f
/* A normal distribution's standard deviation over its median absolute deviation. */
#define MAD_TO_DEVIATION 1.4826

static const char *const transform_names[] = {"none", "log", "clr", "ilr"};

bool lode_transform_parse(const char *name, lode_transform *transform) {
    for (int i = 0; i < 4; i++)
        if (strcmp(name, transform_names[i]) == 0)
            return *transform = (lode_transform)i, true;
    return false;
}

const char *lode_transform_name(lode_transform transform) {
    return transform_names[transform];
}

/* ---- Making and freeing ---------------------------------------------------------------------- */

void lode_recipe_free(lode_recipe *recipe) {
    if (!recipe)
        return;
    for (int i = 0; recipe->names && i < recipe->bands; i++)
        lode_free(recipe->names[i]);
    for (int i = 0; recipe->channel_names && i < recipe->channels; i++)
        lode_free(recipe->channel_names[i]);
    lode_free(recipe->names);
    lode_free(recipe->channel_names);
    lode_free(recipe->element);
    lode_free(recipe->floor);
    lode_free(recipe->centre);
    lode_free(recipe->scale);
    lode_free(recipe);
}

static int count_elements(const lode_recipe *recipe) {
    int count = 0;
    for (int i = 0; i < recipe->bands; i++)
        count += recipe->element[i];
    return count;
}

/* Channels follow from transform and bands: k ilr coordinates fewer by one than the elements. */
static lode_status name_channels(lode_recipe *recipe) {
    bool ilr = recipe->transform == LODE_TRANSFORM_ILR;
    recipe->channel_names = lode_alloc((size_t)recipe->bands, sizeof(char *));
    recipe->centre = lode_alloc((size_t)recipe->bands, sizeof(float));
    recipe->scale = lode_alloc((size_t)recipe->bands, sizeof(float));
    if (!recipe->channel_names || !recipe->centre || !recipe->scale)
        return lode_fail_memory();
    int coordinates = ilr ? count_elements(recipe) - 1 : 0;
    for (int i = 0; i < coordinates; i++, recipe->channels++)
        if (!(recipe->channel_names[i] = lode_format("ilr %d", i + 1)))
            return lode_fail_memory();
    for (int i = 0; i < recipe->bands; i++) {
        if (ilr && recipe->element[i])
            continue;
        if (!(recipe->channel_names[recipe->channels] = lode_strdup(recipe->names[i])))
            return lode_fail_memory();
        recipe->channels++;
    }
    return LODE_OK;
}

static lode_status allocate(int bands, lode_transform transform, lode_recipe **recipe) {
    lode_recipe *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->transform = transform;
    made->bands = bands;
    made->clip = DEFAULT_CLIP;
    made->names = lode_alloc((size_t)bands, sizeof(char *));
    made->element = lode_alloc((size_t)bands, sizeof(bool));
    made->floor = lode_alloc((size_t)bands, sizeof(float));
    if (!made->names || !made->element || !made->floor) {
        lode_recipe_free(made);
        return lode_fail_memory();
    }
    *recipe = made;
    return LODE_OK;
}

lode_status lode_recipe_copy(const lode_recipe *recipe, lode_recipe **copy) {
    json_t *description = lode_recipe_describe(recipe);
    lode_status status = lode_recipe_parse(description, "copy", copy);
    json_decref(description);
    return status;
}

lode_status lode_recipe_match(const lode_recipe *recipe, const lode_stack *stack, int *numbers) {
    return lode_stack_match(stack, (const char *const *)recipe->names, recipe->bands, numbers);
}

/* ---- Applying -------------------------------------------------------------------------------- */

LODE_WIDE static void raise_to_floors(const float *restrict raw, const float *restrict floors,
                                      int bands, float *restrict raised) {
    for (int i = 0; i < bands; i++)
        raised[i] = raw[i] > floors[i] || isnan(raw[i]) ? raw[i] : floors[i];
}

static int keep_elements(const lode_recipe *recipe, float *values) {
    int elements = 0;
    for (int i = 0; i < recipe->bands; i++)
        if (recipe->element[i])
            values[elements++] = values[i];
    return elements;
}

/* The bands' values of one cell -> unscaled channels; a missing part gives NaN. parts is scratch of
 * 2 x bands values. */
static void transform_cell(const lode_recipe *recipe, const float *raw, float *parts, float *out) {
    /* Where every band is an element, as in most stacks, its ratio is its channel. */
    bool direct = recipe->transform != LODE_TRANSFORM_ILR &&
                  !memchr(recipe->element, false, (size_t)recipe->bands);
    float *ratios = direct ? out : parts + recipe->bands;
    raise_to_floors(raw, recipe->floor, recipe->bands, parts);
    int elements = direct ? recipe->bands : keep_elements(recipe, parts), at = 0;
    switch (recipe->transform) {
    case LODE_TRANSFORM_NONE:
        memcpy(ratios, parts, (size_t)elements * sizeof *parts);
        break;
    case LODE_TRANSFORM_LOG:
        for (int k = 0; k < elements; k++)
            ratios[k] = logf(parts[k]);
        break;
    case LODE_TRANSFORM_CLR:
        lode_clr(parts, ratios, elements);
        break;
    case LODE_TRANSFORM_ILR:
        lode_ilr(parts, ratios, elements);
        for (; at < elements - 1; at++)
            out[at] = ratios[at];
        break;
    }
    for (int i = 0, k = 0; !direct && i < recipe->bands; i++) {
        if (!recipe->element[i])
            out[at++] = raw[i];
        else if (recipe->transform != LODE_TRANSFORM_ILR)
            out[at++] = ratios[k++];
    }
}

/* values[channels] may hold NaN. */
LODE_WIDE static void scale_cell(const lode_recipe *recipe, const float *restrict values,
                                 float *restrict out) {
    const float *centre = recipe->centre, *scale = recipe->scale;
    float most = recipe->clip;
    for (int c = 0; c < recipe->channels; c++) {
        float z = (values[c] - centre[c]) / scale[c];
        z = z > most ? most : z;
        z = z < -most ? -most : z;
        out[c] = scale[c] > 0 && isfinite(values[c]) ? z : 0;
    }
}

LODE_WIDE static int count_present(const float *raw, int bands) {
    int present = 0;
    for (int i = 0; i < bands; i++)
        present += isfinite(raw[i]) != 0;
    return present;
}

lode_status lode_recipe_apply(const lode_recipe *recipe, const float *raw, size_t cells,
                              float *out) {
    float small[3 * 64];
    size_t scratch = 3 * (size_t)recipe->bands;
    float *parts =
        scratch <= sizeof small / sizeof small[0] ? small : lode_alloc(scratch, sizeof *parts);
    if (!parts)
        return lode_fail_memory();
    size_t channels = (size_t)recipe->channels;
    float *values = parts + 2 * recipe->bands;
    for (size_t cell = 0; cell < cells; cell++, raw += recipe->bands, out += channels + 1) {
        int present = count_present(raw, recipe->bands);
        if (present == 0 || 2 * present < recipe->bands) {
            memset(out, 0, (channels + 1) * sizeof *out);
            continue;
        }
        transform_cell(recipe, raw, parts, values);
        scale_cell(recipe, values, out);
        out[channels] = (float)present / (float)recipe->bands;
    }
    if (parts != small)
        lode_free(parts);
    return LODE_OK;
}

lode_status lode_recipe_read(const lode_recipe *recipe, lode_stack *stack, const int *numbers,
                             int x, int y, int width, int height, float *out) {
    size_t cells = (size_t)width * (size_t)height;
    float *raw = lode_alloc(cells, (size_t)recipe->bands * sizeof *raw);
    if (!raw)
        return lode_fail_memory();
    lode_status status = lode_stack_read(stack, x, y, width, height, numbers, recipe->bands, raw);
    if (status == LODE_OK)
        status = lode_recipe_apply(recipe, raw, cells, out);
    lode_free(raw);
    return status;
}

/* ---- Fitting --------------------------------------------------------------------------------- */

/* Raw values of cells spread over the stack. */
typedef struct sample {
    float *values; /* [count][bands] */
    size_t count, capacity;
} sample;

static bool has_data(const float *cell, int bands) {
    for (int i = 0; i < bands; i++)
        if (isfinite(cell[i]))
            return true;
    return false;
}

/* Steps through all tiles in an order that spreads over the raster from the start: the golden ratio
 * of the number of tiles, made coprime to it. */
static size_t spread_step(size_t tiles) {
    size_t step = (size_t)((double)tiles * 0.6180339887) | 1;
    for (;; step++) {
        size_t a = tiles, b = step;
        while (b) {
            size_t rest = a % b;
            a = b;
            b = rest;
        }
        if (a == 1)
            return step;
    }
}

static lode_status draw_sample(lode_stack *stack, const int *numbers, int bands,
                               const lode_progress *progress, sample *drawn) {
    const lode_grid *grid = lode_stack_grid(stack);
    size_t tiles = lode_grid_tile_count(grid, SAMPLE_TILE);
    size_t limit = SAMPLE_VALUES / (size_t)bands, step = spread_step(tiles);
    limit = limit < SAMPLE_CELLS ? limit : SAMPLE_CELLS;
    size_t tile_cells = SAMPLE_TILE * SAMPLE_TILE;
    float *tile = lode_alloc(tile_cells, (size_t)bands * sizeof *tile);
    drawn->capacity = limit + tile_cells;
    drawn->values = lode_alloc(drawn->capacity, (size_t)bands * sizeof(float));
    lode_status status = tile && drawn->values ? LODE_OK : lode_fail_memory();
    /* Adding steps, because a product of tile numbers may exceed size_t. */
    for (size_t i = 0, at = 0; status == LODE_OK && i < tiles && drawn->count < limit;
         i++, at = (at + step % tiles) % tiles) {
        int x, y, width, height;
        lode_grid_tile(grid, SAMPLE_TILE, at, &x, &y, &width, &height);
        size_t cells = (size_t)width * (size_t)height;
        status = lode_progress_report(progress, (double)drawn->count / (double)limit,
                                      "reading the stack");
        if (status == LODE_OK)
            status = lode_stack_read(stack, x, y, width, height, numbers, bands, tile);
        for (size_t cell = 0; status == LODE_OK && cell < cells; cell++)
            if (has_data(tile + cell * (size_t)bands, bands))
                memcpy(drawn->values + drawn->count++ * (size_t)bands, tile + cell * (size_t)bands,
                       (size_t)bands * sizeof *tile);
    }
    lode_free(tile);
    return status;
}

static double deviation(const float *values, size_t n) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        mean += values[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return sqrt(squares / (double)n);
}

/* Median and 1.4826 MAD of one channel; where more than half of the values are equal the MAD is 0
 * and the standard deviation takes its place. False when the channel is constant. */
static bool fit_scale(lode_recipe *recipe, int channel, float *values, size_t n) {
    float centre = lode_median(values, n);
    double spread = deviation(values, n);
    for (size_t i = 0; i < n; i++)
        values[i] = fabsf(values[i] - centre);
    double scale = MAD_TO_DEVIATION * lode_median(values, n);
    double tiny = 1e-6 * fmax(1e-6, fabs(centre));
    if (!(scale > tiny))
        scale = spread > tiny ? spread : 0;
    recipe->centre[channel] = centre;
    recipe->scale[channel] = (float)scale;
    if (!(scale > 0))
        lode_log(LODE_LOG_WARNING, "Band '%s' is constant (%g) and carries no information.",
                 recipe->channel_names[channel], (double)centre);
    return scale > 0;
}

static lode_status fit_floors(lode_recipe *recipe, const sample *drawn, const char *stack) {
    for (int i = 0; i < recipe->bands; i++) {
        size_t present = 0, positive = 0;
        float least = INFINITY;
        for (size_t cell = 0; cell < drawn->count; cell++) {
            float value = drawn->values[cell * (size_t)recipe->bands + (size_t)i];
            present += isfinite(value) != 0;
            positive += value > 0;
            if (value > 0 && value < least)
                least = value;
        }
        if (present == 0)
            return lode_fail(LODE_ERROR_DATA,
                             "Band '%s' of '%s' has no data at all. Leave it out with --bands.",
                             recipe->names[i], stack);
        if (recipe->element[i] && positive == 0)
            return lode_fail(LODE_ERROR_DATA,
                             "Element band '%s' of '%s' has no positive value. Leave it out with "
                             "--bands, or use --transform none.",
                             recipe->names[i], stack);
        if (!recipe->element[i])
            continue;
        /* With --transform none an element's values are used as they are. */
        recipe->floor[i] = recipe->transform == LODE_TRANSFORM_NONE ? -INFINITY : 0.5f * least;
        if (positive < present)
            lode_log(LODE_LOG_WARNING,
                     "Band '%s' has %zu of %zu sampled values at or below 0; they count as below "
                     "detection and become %g.",
                     recipe->names[i], present - positive, present, (double)recipe->floor[i]);
    }
    return LODE_OK;
}

static lode_status fit_channels(lode_recipe *recipe, const sample *drawn, const char *stack) {
    size_t channels = (size_t)recipe->channels;
    float *cells = lode_alloc(drawn->count, channels * sizeof *cells);
    float *column = lode_alloc(drawn->count, sizeof *column);
    float *parts = lode_alloc(2 * (size_t)recipe->bands, sizeof *parts);
    lode_status status = cells && column && parts ? LODE_OK : lode_fail_memory();
    for (size_t i = 0; status == LODE_OK && i < drawn->count; i++)
        transform_cell(recipe, drawn->values + i * (size_t)recipe->bands, parts,
                       cells + i * channels);
    int varying = 0;
    for (size_t c = 0; status == LODE_OK && c < channels; c++) {
        size_t n = 0;
        for (size_t i = 0; i < drawn->count; i++)
            if (isfinite(cells[i * channels + c]))
                column[n++] = cells[i * channels + c];
        if (n > 0)
            varying += fit_scale(recipe, (int)c, column, n);
    }
    if (status == LODE_OK && varying == 0)
        status = lode_fail(LODE_ERROR_DATA,
                           "'%s': every band is constant; there is nothing to learn from.", stack);
    lode_free(cells);
    lode_free(column);
    lode_free(parts);
    return status;
}

static lode_status choose_bands(lode_recipe *recipe, const lode_stack *stack,
                                const char *const *band_names) {
    lode_element_name *symbols = lode_alloc((size_t)recipe->bands, sizeof *symbols);
    if (!symbols)
        return lode_fail_memory();
    for (int i = 0; i < recipe->bands; i++) {
        const char *name = band_names ? band_names[i] : lode_stack_band_name(stack, i);
        if (!(recipe->names[i] = lode_strdup(name))) {
            lode_free(symbols);
            return lode_fail_memory();
        }
    }
    lode_element_recognise((const char *const *)recipe->names, recipe->bands, symbols,
                           recipe->element);
    lode_free(symbols);
    int elements = count_elements(recipe);
    bool ratio = recipe->transform == LODE_TRANSFORM_CLR || recipe->transform == LODE_TRANSFORM_ILR;
    if (ratio && elements < 2) {
        lode_log(
            LODE_LOG_WARNING,
            "%s: log-ratios need at least two element bands, and %d is recognised by its name; "
            "taking plain logarithms instead.",
            lode_stack_name(stack), elements);
        recipe->transform = LODE_TRANSFORM_LOG;
    }
    lode_log(LODE_LOG_INFO, "Bands: %d elements (%s) and %d other layers (scaled only).", elements,
             lode_transform_name(recipe->transform), recipe->bands - elements);
    return name_channels(recipe);
}

static lode_status fit(lode_recipe *recipe, lode_stack *stack, const char *const *band_names,
                       const lode_progress *progress) {
    LODE_TRY(choose_bands(recipe, stack, band_names));
    int *numbers = lode_alloc((size_t)recipe->bands, sizeof *numbers);
    sample drawn = {0};
    lode_status status = numbers ? lode_recipe_match(recipe, stack, numbers) : lode_fail_memory();
    if (status == LODE_OK)
        status = draw_sample(stack, numbers, recipe->bands, progress, &drawn);
    if (status == LODE_OK && drawn.count == 0)
        status = lode_fail(LODE_ERROR_DATA, "The stack '%s' has no data at all.",
                           lode_stack_name(stack));
    if (status == LODE_OK)
        status = fit_floors(recipe, &drawn, lode_stack_name(stack));
    if (status == LODE_OK)
        status = fit_channels(recipe, &drawn, lode_stack_name(stack));
    lode_free(drawn.values);
    lode_free(numbers);
    return status;
}

/* Every band but the distance to the samples, which tells of the survey and not of the ground. */
static lode_status list_ground(const lode_stack *stack, const char ***names, int *count) {
    int bands = lode_stack_band_count(stack), distance = -1;
    if (bands > 1)
        distance = lode_stack_find_band(stack, LODE_BAND_SAMPLE_DISTANCE);
    *names = lode_alloc((size_t)bands, sizeof **names);
    if (!*names)
        return lode_fail_memory();
    *count = 0;
    for (int b = 0; b < bands; b++)
        if (b != distance)
            (*names)[(*count)++] = lode_stack_band_name(stack, b);
    if (distance >= 0)
        lode_log(LODE_LOG_INFO,
                 "The band '%s' tells of the survey, not of the ground, and is left out; name it "
                 "in --bands to use it.",
                 LODE_BAND_SAMPLE_DISTANCE);
    return LODE_OK;
}

lode_status lode_recipe_fit(lode_stack *stack, const char *const *band_names, int band_count,
                            lode_transform transform, const lode_progress *progress,
                            lode_recipe **recipe) {
    lode_recipe *made = NULL;
    const char **ground = NULL;
    if (!band_names)
        LODE_TRY(list_ground(stack, &ground, &band_count));
    lode_status status =
        band_count > MAX_BANDS
            ? lode_fail(LODE_ERROR_DATA,
                        "'%s' has %d bands; a model reads at most %d. Choose some with --bands.",
                        lode_stack_name(stack), band_count, MAX_BANDS)
            : allocate(band_count, transform, &made);
    if (status == LODE_OK)
        status = fit(made, stack, band_names ? band_names : ground, progress);
    lode_free(ground);
    if (status != LODE_OK) {
        lode_recipe_free(made);
        return status;
    }
    *recipe = made;
    return LODE_OK;
}

/* ---- Description ----------------------------------------------------------------------------- */

static json_t *float_list(const float *values, int n) {
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, isfinite(values[i]) ? json_real(values[i]) : json_null());
    return list;
}

json_t *lode_recipe_describe(const lode_recipe *recipe) {
    json_t *names = json_array(), *element = json_array();
    for (int i = 0; i < recipe->bands; i++) {
        json_array_append_new(names, json_string(recipe->names[i]));
        json_array_append_new(element, json_boolean(recipe->element[i]));
    }
    json_t *json = json_object();
    json_object_set_new(json, "transform", json_string(lode_transform_name(recipe->transform)));
    json_object_set_new(json, "bands", names);
    json_object_set_new(json, "element", element);
    json_object_set_new(json, "floor", float_list(recipe->floor, recipe->bands));
    json_object_set_new(json, "centre", float_list(recipe->centre, recipe->channels));
    json_object_set_new(json, "scale", float_list(recipe->scale, recipe->channels));
    json_object_set_new(json, "clip", json_real(recipe->clip));
    return json;
}

/* A list of n numbers; null stands for -infinity ("no floor"). */
static bool parse_floats(const json_t *list, int n, float *values) {
    if (!json_is_array(list) || json_array_size(list) != (size_t)n)
        return false;
    for (int i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, (size_t)i);
        if (!json_is_number(item) && !json_is_null(item))
            return false;
        values[i] = json_is_null(item) ? -INFINITY : (float)json_number_value(item);
    }
    return true;
}

static lode_status damaged(const char *file) {
    return lode_fail(LODE_ERROR_MODEL, "'%s' is not a usable model file: its recipe is damaged.",
                     file);
}

static lode_status parse_members(const json_t *json, const char *file, lode_recipe *recipe) {
    const json_t *names = json_object_get(json, "bands"),
                 *element = json_object_get(json, "element");
    if (json_array_size(element) != (size_t)recipe->bands)
        return damaged(file);
    for (int i = 0; i < recipe->bands; i++) {
        const char *name = json_string_value(json_array_get(names, (size_t)i));
        if (!name)
            return damaged(file);
        recipe->names[i] = lode_strdup(name);
        if (!recipe->names[i])
            return lode_fail_memory();
        recipe->element[i] = json_is_true(json_array_get(element, (size_t)i));
    }
    if (recipe->transform == LODE_TRANSFORM_ILR && count_elements(recipe) < 2)
        return damaged(file);
    const json_t *clip = json_object_get(json, "clip");
    if (!(json_number_value(clip) > 0))
        return damaged(file);
    LODE_TRY(name_channels(recipe));
    recipe->clip = (float)json_number_value(clip);
    if (!parse_floats(json_object_get(json, "floor"), recipe->bands, recipe->floor) ||
        !parse_floats(json_object_get(json, "centre"), recipe->channels, recipe->centre) ||
        !parse_floats(json_object_get(json, "scale"), recipe->channels, recipe->scale))
        return damaged(file);
    for (int c = 0; c < recipe->channels; c++)
        if (!isfinite(recipe->centre[c]) || !isfinite(recipe->scale[c]) || recipe->scale[c] < 0)
            return damaged(file);
    return LODE_OK;
}

lode_status lode_recipe_parse(const json_t *json, const char *file, lode_recipe **recipe) {
    const char *name = json_string_value(json_object_get(json, "transform"));
    size_t bands = json_array_size(json_object_get(json, "bands"));
    lode_transform transform;
    if (!name || !lode_transform_parse(name, &transform) || bands < 1 || bands > MAX_BANDS)
        return damaged(file);
    lode_recipe *parsed = NULL;
    LODE_TRY(allocate((int)bands, transform, &parsed));
    lode_status status = parse_members(json, file, parsed);
    if (status != LODE_OK) {
        lode_recipe_free(parsed);
        return status;
    }
    *recipe = parsed;
    return LODE_OK;
}
