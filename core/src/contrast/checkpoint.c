#include "contrast/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

#define MOST_BYTES ((size_t)1 << 34)

/* FNV-1a over the mask of allowed cells: enough to tell one fold's mask from another's. */
static json_int_t allowed_hash(const lode_stack *stack, const unsigned char *allowed) {
    const lode_grid *grid = lode_stack_grid(stack);
    size_t cells = (size_t)grid->width * (size_t)grid->height;
    uint64_t hash = 14695981039346656037ULL;
    for (size_t i = 0; allowed && i < cells; i++)
        hash = (hash ^ allowed[i]) * 1099511628211ULL;
    return (json_int_t)(hash >> 2);
}

char *lode_checkpoint_signature(const lode_stack *stack, const lode_recipe *recipe,
                                const lode_pretrain_options *options, lode_encoder *encoder) {
    const lode_encoder_kind *kind = lode_encoder_get_kind(encoder);
    const lode_grid *grid = lode_stack_grid(stack);
    json_t *json = json_pack(
        "{ss ss ss so so so si si sf sf sf si si si sI sI}", "stack", lode_stack_name(stack),
        "objective", options->objective, "encoder", kind->name, "hyper",
        kind->describe(lode_encoder_state(encoder)), "recipe", lode_recipe_describe(recipe),
        "views", lode_views_describe(&options->views), "width", grid->width, "height", grid->height,
        "temperature", options->temperature, "learning_rate", options->learning_rate,
        "weight_decay", options->weight_decay, "steps", options->steps, "tiles", options->tiles,
        "anchors", options->anchors, "seed", (json_int_t)options->seed, "allowed",
        allowed_hash(stack, options->allowed));
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    char *copy = text ? lode_strdup(text) : NULL;
    free(text);
    json_decref(json);
    return copy;
}

bool lode_checkpoint_exists(const char *path) {
    return lode_file_exists(path);
}

lode_status lode_checkpoint_write(const char *path, const char *signature,
                                  const lode_checkpoint *state, int steps,
                                  const lode_learner *learner) {
    lode_tensors *tensors = NULL;
    int64_t count = steps;
    LODE_TRY(lode_tensors_create(&tensors));
    lode_status status = lode_learner_save(learner, tensors);
    if (status == LODE_OK)
        status = lode_tensors_add(tensors, "losses", &count, 1, state->losses);
    json_t *metadata = json_pack(
        "{ss ss so}", "format", "lode-checkpoint", "signature", signature, "state",
        json_pack("{si sI si sf}", "step", state->step, "anchors", (json_int_t)state->anchors,
                  "collapsed", state->collapsed, "spread", state->spread));
    if (status == LODE_OK && !metadata)
        status = lode_fail_memory();
    if (status == LODE_OK)
        status = lode_tensors_write(tensors, metadata, path);
    json_decref(metadata);
    lode_tensors_free(tensors);
    return status;
}

/* The member `state` of the metadata, which the container keeps as text. */
static bool read_state(const json_t *metadata, lode_checkpoint *state, int steps) {
    json_t *member = json_object_get(metadata, "state");
    json_t *json = json_is_string(member) ? json_loads(json_string_value(member), 0, NULL)
                                          : json_incref(member);
    json_int_t anchors = 0;
    bool ok = json && json_unpack(json, "{si sI si sF}", "step", &state->step, "anchors", &anchors,
                                  "collapsed", &state->collapsed, "spread", &state->spread) == 0;
    state->anchors = anchors;
    json_decref(json);
    return ok && state->step >= 0 && state->step <= steps;
}

lode_status lode_checkpoint_read(const char *path, const char *signature, lode_checkpoint *state,
                                 int steps, lode_learner *learner) {
    char *bytes = NULL;
    size_t size = 0;
    lode_tensors *tensors = NULL;
    json_t *metadata = NULL;
    const float *losses;
    int64_t count = steps;
    LODE_TRY(lode_file_read(path, MOST_BYTES, &bytes, &size));
    lode_status status = lode_tensors_parse(bytes, size, path, &tensors, &metadata);
    lode_free(bytes);
    LODE_TRY(status);
    const char *found = json_string_value(json_object_get(metadata, "signature"));
    if (!found || strcmp(found, signature) != 0)
        status = lode_fail(LODE_ERROR_DATA,
                           "The checkpoint '%s' belongs to a training with other data or options. "
                           "Delete it, or name another file with --checkpoint.",
                           path);
    else if (!read_state(metadata, state, steps))
        status = lode_fail(LODE_ERROR_DATA, "The checkpoint '%s' is damaged. Delete it.", path);
    if (status == LODE_OK)
        status = lode_tensors_get(tensors, "losses", &count, 1, &losses);
    if (status == LODE_OK)
        status = lode_learner_load(learner, tensors);
    if (status == LODE_OK)
        memcpy(state->losses, losses, (size_t)steps * sizeof *losses);
    json_decref(metadata);
    lode_tensors_free(tensors);
    return status;
}
