/* fit.c - `lode fit`: a head on known deposits. */
#include <stdlib.h>

#include "task/fit_args.h"
#include "task/inputs.h"
#include "util/error.h"

static lode_status report(const lode_args *args, const lode_model *model,
                          const lode_deposits *deposits) {
    json_t *result = lode_arg_result(args);
    json_t *head = lode_head_describe(model->head);
    const json_t *auc = json_object_get(json_object_get(head, "choice"), "auc");
    json_object_set_new(result, "deposits", json_integer((json_int_t)deposits->n));
    json_object_set_new(result, "head", head);
    const json_t *parts = json_object_get(json_object_get(head, "choice"), "parts"), *part;
    size_t k;
    if (!json_is_number(auc)) {
        lode_log(
            LODE_LOG_WARNING,
            "%zu deposit(s): too few to hold any out: the score tells how much nearer a place is "
            "to their mean than to that of the background. Nothing in it was validated.",
            deposits->n);
        return LODE_OK;
    }
    json_array_foreach(parts, k, part) {
        char *inputs = json_dumps(json_object_get(part, "inputs"), 0);
        lode_log(LODE_LOG_INFO,
                 "Head: %.0f %% from %s, strength %g (AUC %.3f in inner spatial "
                 "folds).",
                 100 * json_number_value(json_object_get(part, "share")), inputs ? inputs : "",
                 json_number_value(json_object_get(part, "strength")),
                 json_number_value(json_object_get(part, "auc")));
        free(inputs);
    }
    lode_log(LODE_LOG_INFO, "Together: AUC %.3f in inner spatial folds.", json_number_value(auc));
    return LODE_OK;
}

static lode_status run(const lode_args *args, const lode_progress *progress) {
    lode_fit_options options;
    lode_fit_from_args(args, &options);
    lode_inputs inputs;
    lode_deposits *deposits = NULL;
    LODE_TRY(lode_model_check_output(lode_arg(args, "out")));
    lode_status status = lode_inputs_open(args, &inputs);
    if (status == LODE_OK)
        status = lode_fit(inputs.model, inputs.stack, &options, progress, &deposits);
    if (status == LODE_OK)
        status = lode_model_save(inputs.model, lode_arg(args, "out"));
    if (status == LODE_OK)
        status = report(args, inputs.model, deposits);
    lode_deposits_free(deposits);
    lode_inputs_close(&inputs);
    return status;
}

static const lode_param params[] = {
    {.name = "model",
     .kind = LODE_KIND_MODEL,
     .label = "Pretrained model",
     .help = "Model file made by 'lode pretrain'.",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    LODE_PARAM_STACK,
    LODE_PARAM_DEPOSITS,
    {.name = "out",
     .kind = LODE_KIND_MODEL_OUT,
     .label = "Model with head",
     .help = "Model file to write.",
     .extension = "lode",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    LODE_PARAM_WHERE,
    LODE_PARAMS_FIT,
    LODE_PARAM_SEED,
    LODE_PARAM_THREADS,
    LODE_PARAM_END,
};

const lode_task lode_task_fit = {
    .name = "fit",
    .title = "Fit a head on known deposits",
    .group = "2 Learn",
    .summary = "Fit a small head on known deposits to a pretrained encoder.",
    .help = "Reads the known deposits, draws background places outside a buffer around them, and "
            "fits a bagged ridge logistic regression. What the head sees (the bands at the place, "
            "the bands averaged around it, the embedding, or several of them) and its strength are "
            "chosen by validation in spatial blocks inside the training data, unless --inputs and "
            "--strength say otherwise.\n\n"
            "The score is calibrated on held-out blocks for equal shares of deposits and "
            "background: 0.5 means as much like a deposit as like background.",
    .params = params,
    .run = run,
};
