/* warnings.h - what a reader must know before believing a validation, in words. */
#ifndef LODE_VALIDATE_WARNINGS_H
#define LODE_VALIDATE_WARNINGS_H

#include "validate/pool.h"

/* Adds "warnings" (sentences, the gravest first) and "verdict" (one sentence on the first method)
 * to the JSON that lode_measure filled. */
lode_status lode_validation_warn(const lode_pool *pool, const lode_validate_options *options,
                                 json_t *json);

#endif
