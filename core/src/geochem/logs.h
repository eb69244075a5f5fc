/* logs.h - logarithms of many values at once. */
#ifndef LODE_GEOCHEM_LOGS_H
#define LODE_GEOCHEM_LOGS_H

/* logs[i] = ln x[i]. Every x must be finite and greater than 0. Within 4 units in the last place;
 * vectors of the C library's own logarithm where it has them. */
void lode_logs(const float *x, double *logs, int count);

#endif
