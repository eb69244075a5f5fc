/* composition.h - log-ratio transforms of one composition (the parts measured in one sample or cell).
 *
 * A part is present when it is finite and greater than 0; any other value is a missing part. The
 * transforms work on the subcomposition of the present parts and give NaN where a part is missing,
 * so a composition with gaps is never an error. What to put in place of values below a detection
 * limit is decided before (censoring), not here.
 *
 * Aitchison (1986), The Statistical Analysis of Compositional Data; Egozcue et al. (2003), Math.
 * Geol. 35, 279-300; pivot coordinates: Fiserova and Hron (2011), Math. Geosci. 43, 455-468.
 * In every function out may be the same array as x. */
#ifndef LODE_GEOCHEM_COMPOSITION_H
#define LODE_GEOCHEM_COMPOSITION_H

/* Scales the present parts to the sum `total` (100 for per cent, 1e6 for ppm). */
void lode_closure(const float *x, float *out, int parts, double total);

/* Centred log-ratio: out_i = ln(x_i / g), g = geometric mean of the present parts. out[parts]. */
void lode_clr(const float *x, float *out, int parts);
/* The composition with these centred log-ratios and the sum `total`. */
void lode_clr_inverse(const float *z, float *out, int parts, double total);

/* Additive log-ratio: ln(x_i / x_reference) for the parts but the reference, in order.
 * out[parts - 1]; all NaN when the reference part is missing. */
void lode_alr(const float *x, float *out, int parts, int reference);
/* z[parts - 1] -> out[parts] with the sum `total`. out must not be z. */
void lode_alr_inverse(const float *z, float *out, int parts, int reference, double total);

/* Isometric log-ratio in pivot coordinates, out[parts - 1]:
 *   out_i = sqrt(n / (n + 1)) ln(x_i / g(x_i+1 .. x_parts)),  n = parts present behind i,
 * the first part against all others, the second against those behind it, and so on. NaN where x_i
 * is missing or nothing is present behind it. */
void lode_ilr(const float *x, float *out, int parts);
/* z[parts - 1] -> out[parts] with the sum `total`, for compositions whose last part is present. out
 * must not be z. */
void lode_ilr_inverse(const float *z, float *out, int parts, double total);

/* Isometric log-ratio of a sequential binary partition: partition[(parts - 1) x parts], row i
 * holding +1, -1 or 0 for every part (Egozcue and Pawlowsky-Glahn 2005, Math. Geol. 37, 795-828):
 *   out_i = sqrt(r s / (r + s)) ln(g(+ parts) / g(- parts)),  r, s = present parts with + and -.
 * out[parts - 1]; NaN where one side has no present part. out must not be x. */
void lode_balances(const float *x, float *out, int parts, const signed char *partition);
/* z[parts - 1] -> out[parts] with the sum `total`; every coordinate must be finite, or all parts
 * come out as NaN. out must not be z. */
void lode_balances_inverse(const float *z, float *out, int parts, const signed char *partition,
                           double total);

#endif
