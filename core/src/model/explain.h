/* explain.h - which bands raise and lower the score of a place: integrated gradients.
 *
 * Sundararajan, Taly and Yan (2017), Axiomatic Attribution for Deep Networks. The path leads from
 * the survey's median (every scaled channel 0) to the window as it is. What a channel contributes
 * is the integral, along the path, of the change of the log odds when that channel alone moves on,
 * in all cells of the window at once. The integral is taken by the midpoint rule with central
 * differences, which needs forward passes over whole tiles only and is exact for heads on bands.
 * The contributions of all channels add up to the log odds less those of the median window, up to
 * the error of the rule, which is measured and reported. */
#ifndef LODE_MODEL_EXPLAIN_H
#define LODE_MODEL_EXPLAIN_H

#include "model/model.h"
#include "raster/stack.h"

typedef struct lode_explain_options {
    int steps;  /* of the path; a head without an embedding needs only one */
    double top; /* share of the area (0..1) that the summary calls targets */
    int threads;
} lode_explain_options;

/* Whether lode_explain can work on the model. */
lode_status lode_explain_check(const lode_model *model);

/* Writes one band a channel, in log odds, to a GeoTIFF. json receives "bands": a list of {"band",
 * "in_targets", "everywhere"} (mean contributions), the greatest in targets first, and
 * "unexplained": mean error of the sum as a share of the mean change. Needs a head, and the dense
 * encoder where the head reads an embedding. */
lode_status lode_explain(const lode_model *model, lode_stack *stack,
                         const lode_explain_options *options, const lode_progress *progress,
                         const char *path, json_t *json);

#endif
