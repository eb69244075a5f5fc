#include "task/pretrain_args.h"

#include <string.h>

#include "model/model.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

lode_views lode_views_from_args(const lode_args *args) {
    return (lode_views){.channel_dropout = lode_arg_number(args, "channel-dropout"),
                        .perturbation = lode_arg_number(args, "perturbation"),
                        .noise = lode_arg_number(args, "noise"),
                        .jitter = lode_arg_number(args, "jitter"),
                        .rotate = lode_arg_flag(args, "rotate")};
}

lode_status lode_checkpoint_check(const lode_args *args) {
    const char *path = lode_arg(args, "checkpoint");
    return path ? lode_file_check_output(path) : LODE_OK;
}

lode_status lode_pretrain_from_args(const lode_args *args, lode_pretrain_options *options,
                                    json_t **hyper) {
    static const char *const names[] = {"window", "width", "depth", "dims", "scales", "context"};
    LODE_TRY(lode_checkpoint_check(args));
    lode_pretrain_defaults(options);
    options->objective = lode_arg(args, "objective");
    options->encoder = lode_arg(args, "encoder");
    options->members = (int)lode_arg_integer(args, "ensemble");
    options->steps = (int)lode_arg_integer(args, "steps");
    options->tiles = (int)lode_arg_integer(args, "tiles");
    options->anchors = (int)lode_arg_integer(args, "anchors");
    options->temperature = lode_arg_number(args, "temperature");
    options->learning_rate = lode_arg_number(args, "learning-rate");
    options->views = lode_views_from_args(args);
    options->average = lode_arg_number(args, "average");
    options->checkpoint = lode_arg(args, "checkpoint");
    options->seed = (uint64_t)lode_arg_integer(args, "seed");
    options->threads = (int)lode_arg_integer(args, "threads");
    json_t *made = json_object();
    for (size_t i = 0; made && i < sizeof names / sizeof *names; i++)
        if (lode_arg(args, names[i]))
            json_object_set_new(made, names[i], json_integer(lode_arg_integer(args, names[i])));
    options->hyper = made;
    *hyper = made;
    return made ? LODE_OK : lode_fail_memory();
}

/* Splits a comma list in place; blanks around names do not count. */
static int split(char *text, const char **names) {
    int count = 0;
    for (char *rest = text, *item; (item = strsep(&rest, ",")) != NULL;) {
        item += strspn(item, " \t");
        for (size_t end = strlen(item); end > 0 && strchr(" \t", item[end - 1]); end--)
            item[end - 1] = '\0';
        if (item[0])
            names[count++] = item;
    }
    return count;
}

lode_status lode_recipe_from_args(const lode_args *args, lode_stack *stack,
                                  const lode_progress *progress, lode_recipe **recipe) {
    const char *given = lode_arg(args, "bands");
    lode_transform transform;
    if (!lode_transform_parse(lode_arg(args, "transform"), &transform))
        return lode_fail(LODE_ERROR_USAGE, "The transform '%s' is not known.",
                         lode_arg(args, "transform"));
    char *list = given ? lode_strdup(given) : NULL;
    const char **names = given ? lode_alloc(strlen(given) + 1, sizeof *names) : NULL;
    lode_status status = LODE_OK;
    if (given && (!list || !names))
        status = lode_fail_memory();
    int count = status == LODE_OK && given ? split(list, names) : 0;
    if (status == LODE_OK)
        status =
            lode_recipe_fit(stack, count > 0 ? names : NULL, count, transform, progress, recipe);
    lode_free(names);
    lode_free(list);
    return status;
}

static void report(const lode_args *args, const lode_model *model, const char *key) {
    json_t *result = lode_arg_result(args);
    json_object_update(result, json_object_get(model->provenance, key));
    json_object_set_new(result, "parameters",
                        json_integer(lode_encoder_parameters(model->encoder)));
    json_object_set_new(result, "window",
                        json_integer(2 * lode_encoder_half_window(model->encoder) + 1));
}

lode_status lode_train_new(const lode_args *args, lode_trains_model train, const void *options,
                           const char *key, const lode_progress *progress, lode_model **trained) {
    int count;
    const char *const *paths = lode_arg_list(args, "stack", &count);
    lode_progress fitting = lode_progress_part(progress, 0, 0.03);
    lode_progress training = lode_progress_part(progress, 0.03, 1);
    lode_stack *stack = NULL;
    lode_model *model = NULL;
    lode_status status = lode_stack_open(paths, count, &stack);
    if (status == LODE_OK)
        status = lode_model_create(&model);
    if (status == LODE_OK)
        status = lode_recipe_from_args(args, stack, &fitting, &model->recipe);
    if (status == LODE_OK)
        status = train(stack, options, &training, model);
    if (status == LODE_OK && lode_cluster_leads(lode_cluster_current()))
        status = lode_model_save(model, lode_arg(args, "out"));
    lode_stack_close(stack);
    if (status == LODE_OK)
        report(args, model, key);
    if (status == LODE_OK && trained)
        *trained = model;
    else
        lode_model_close(model);
    return status;
}
