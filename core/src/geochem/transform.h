/* transform.h - transforms of whole rows of values: compositions (closure, clr, alr, ilr) and single
 * variables (robust z-score, winsorising), with their inverses where they have one.
 *
 * A value of a composition that is zero or less counts as below its detection limit and is replaced
 * by half the smallest positive value of its part before the transform; missing parts stay missing. */
#ifndef LODE_GEOCHEM_TRANSFORM_H
#define LODE_GEOCHEM_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>

#include "lode/lode.h"

typedef enum lode_operation {
    LODE_OPERATION_CLOSURE,
    LODE_OPERATION_CLR,
    LODE_OPERATION_ALR,
    LODE_OPERATION_ILR,
    LODE_OPERATION_ZSCORE, /* (x - median) / (1.4826 MAD) */
    LODE_OPERATION_WINSOR  /* values beyond two quantiles are set to them */
} lode_operation;

/* What is done to a row; the caller fills the first part, lode_operator_fit the second. */
typedef struct lode_operator {
    lode_operation operation;
    bool inverse;
    int parts;              /* parts of the composition, or variables */
    int reference;          /* alr: part that divides */
    double total;           /* closure and inverses: sum of the parts */
    double lower, upper;    /* winsor: quantiles 0..1 */
    signed char *partition; /* ilr: [parts - 1][parts] of +1, -1, 0; NULL = pivot coordinates */

    float *floor;          /* [parts] stands for values <= 0 of a composition */
    float *centre, *scale; /* [parts] z-score */
    float *low, *high;     /* [parts] winsor */
} lode_operator;

/* Length of a row before and after. */
int lode_operator_inputs(const lode_operator *operator_);
int lode_operator_outputs(const lode_operator *operator_);
bool lode_operation_is_compositional(lode_operation operation);
bool lode_operation_has_inverse(lode_operation operation);

/* Medians, quantiles and floors from rows[count][parts]; not for inverses, whose constants come from
 * the file they undo. Allocates the arrays; lode_operator_clear frees them. */
lode_status lode_operator_fit(lode_operator *operator_, const float *rows, size_t count);
lode_status lode_operator_alloc(lode_operator *operator_);
void lode_operator_clear(lode_operator *operator_);

/* in[inputs] -> out[outputs]; in is changed (floors). NaN is missing. */
void lode_operator_apply(const lode_operator *operator_, float *in, float *out);

/* Reads a sequential binary partition: a text file with one row a balance, parts in the order of
 * `names`, entries +1, -1 (or +, -) and 0 separated by blanks, commas or semicolons; a first row of
 * part names may give another order. */
lode_status lode_partition_read(const char *path, const char *const *names, int parts,
                                signed char **partition);

#endif
