/* shares.h - how much of the area scores at least as high as each deposit: the one number from
 * which the AUC and the capture of a finished map follow exactly. */
#ifndef LODE_VALIDATE_SHARES_H
#define LODE_VALIDATE_SHARES_H

#include "raster/stack.h"

typedef struct lode_shares {
    int bands;
    size_t places;
    double *share; /* [bands][places] 0 = no cell scores higher, 1 = all do; ties count one half.
                      NaN where the band has no data at the place */
    size_t *cells; /* [bands] cells with data */
    size_t *found; /* [bands] places with data */
} lode_shares;

/* For the chosen bands (numbers of the stack) at cells columns[places], rows[places]; places off
 * the raster have no data. Streams through the raster. Free with lode_shares_free. */
lode_status lode_shares_measure(lode_stack *stack, const int *bands, int band_count,
                                const int *columns, const int *rows, size_t places, int threads,
                                const lode_progress *progress, lode_shares **shares);
void lode_shares_free(lode_shares *shares);

/* Area under the success-rate curve of one band, which is the AUC against every cell, and its
 * standard error over deposits (DeLong et al. 1988, with the whole area as the other sample). NaN
 * without places. */
double lode_shares_auc(const lode_shares *shares, int band, double *error);
/* How many places lie in the best `area` (0..1) of the cells. */
size_t lode_shares_captured(const lode_shares *shares, int band, double area);

#endif
