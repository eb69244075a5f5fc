#include "geochem/composition.h"

#include <math.h>
#include <stdbool.h>

#include "util/elementary.h"
#include "util/simd.h"

enum { SOME = 128 }; /* parts whose logarithms are taken together, a multiple of 4 */

static bool any_finite(const float *z, int count) {
    for (int i = 0; i < count; i++)
        if (isfinite(z[i]))
            return true;
    return false;
}

static bool present(float value) {
    return isfinite(value) && value > 0;
}

void lode_closure(const float *x, float *out, int parts, double total) {
    double sum = 0;
    for (int i = 0; i < parts; i++)
        if (present(x[i]))
            sum += (double)x[i];
    for (int i = 0; i < parts; i++)
        out[i] = present(x[i]) ? (float)((double)x[i] / sum * total) : NAN;
}

/* 1 for missing parts, whose logarithm is 0; returns how many are present. */
LODE_WIDE static int make_safe(const float *restrict x, int parts, float *restrict safe) {
    int count = 0;
    for (int i = 0; i < parts; i++) {
        bool good = isfinite(x[i]) && x[i] > 0;
        safe[i] = good ? x[i] : 1;
        count += good;
    }
    return count;
}

/* Of a multiple of four values. Four sums side by side: one would wait for every addition. */
static double sum_of(const double *values, int count) {
    double sum[4] = {0};
    for (int i = 0; i < count; i += 4)
        for (int k = 0; k < 4; k++)
            sum[k] += values[i + k];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Logarithms of a few parts, 0 for missing ones; returns how many are present and adds to *sum. */
static int part_logs(const float *x, int parts, double *logs, double *sum) {
    float safe[SOME];
    if (parts < 1) /* never so, but gcc warns of it */
        return 0;
    int count = make_safe(x, parts, safe), all = parts;
    for (; all % 4 != 0; all++) /* whole vectors, with 0 as the logarithms behind */
        safe[all] = 1;
    lode_logs(safe, logs, all);
    *sum += sum_of(logs, all);
    return count;
}

LODE_WIDE static void centre_logs(const float *restrict x, const double *restrict logs, int parts,
                                  double mean, float *restrict out) {
    for (int i = 0; i < parts; i++)
        out[i] = isfinite(x[i]) && x[i] > 0 ? (float)(logs[i] - mean) : NAN;
}

/* Logarithms are most of the time of a transform; few enough are kept from the sum to the
 * difference. */
void lode_clr(const float *x, float *out, int parts) {
    double logs[SOME], sum = 0, ignored = 0;
    int count = 0;
    for (int i = 0; i < parts; i += SOME)
        count += part_logs(x + i, parts - i < SOME ? parts - i : SOME, logs, &sum);
    double mean = count > 0 ? sum / count : 0;
    for (int i = 0; i < parts; i += SOME) {
        int here = parts - i < SOME ? parts - i : SOME;
        if (parts > SOME)
            part_logs(x + i, here, logs, &ignored);
        centre_logs(x + i, logs, here, mean, out + i);
    }
}

/* exp(z) scaled to the sum; the largest z is taken out first so that nothing overflows. */
void lode_clr_inverse(const float *z, float *out, int parts, double total) {
    double largest = -INFINITY, sum = 0;
    for (int i = 0; i < parts; i++)
        if (isfinite(z[i]) && (double)z[i] > largest)
            largest = (double)z[i];
    for (int i = 0; i < parts; i++)
        if (isfinite(z[i]))
            sum += exp((double)z[i] - largest);
    for (int i = 0; i < parts; i++)
        out[i] = isfinite(z[i]) ? (float)(exp((double)z[i] - largest) / sum * total) : NAN;
}

void lode_alr(const float *x, float *out, int parts, int reference) {
    double base = present(x[reference]) ? log((double)x[reference]) : NAN;
    for (int i = 0, k = 0; i < parts; i++)
        if (i != reference)
            out[k++] = present(x[i]) ? (float)(log((double)x[i]) - base) : NAN;
}

void lode_alr_inverse(const float *z, float *out, int parts, int reference, double total) {
    for (int i = 0, k = 0; i < parts; i++)
        out[i] = i != reference ? z[k++] : any_finite(z, parts - 1) ? 0.0f : NAN;
    lode_clr_inverse(out, out, parts, total);
}

void lode_ilr(const float *x, float *out, int parts) {
    /* The tail mean of part i is needed before x_i is overwritten, so first the total of all. */
    double tail = 0;
    int behind = 0;
    for (int i = 0; i < parts; i++) {
        if (present(x[i])) {
            tail += log((double)x[i]);
            behind++;
        }
    }
    for (int i = 0; i + 1 < parts; i++) {
        if (!present(x[i])) {
            out[i] = NAN;
            continue;
        }
        double value = log((double)x[i]);
        tail -= value;
        behind--;
        out[i] =
            behind > 0 ? (float)(sqrt(behind / (behind + 1.0)) * (value - tail / behind)) : NAN;
    }
}

/* With t_i the mean log of the parts behind i, z_i = sqrt(n/(n+1)) (ln x_i - t_i). Free to choose
 * the scale, let t before the first part be 0: then ln x_i and the mean behind follow one by one.
 */
void lode_ilr_inverse(const float *z, float *out, int parts, double total) {
    int behind = 0;
    for (int i = 0; i + 1 < parts; i++)
        behind += isfinite(z[i]);
    double mean = 0; /* of ln x over part i and all behind it */
    for (int i = 0; i + 1 < parts; i++) {
        if (!isfinite(z[i])) {
            out[i] = NAN;
            continue;
        }
        double difference = (double)z[i] / sqrt(behind / (behind + 1.0));
        double rest = mean - difference / (behind + 1.0);
        out[i] = (float)(rest + difference);
        mean = rest;
        behind--;
    }
    if (parts > 0)
        out[parts - 1] = any_finite(z, parts - 1) ? (float)mean : NAN;
    lode_clr_inverse(out, out, parts, total);
}

void lode_balances(const float *x, float *out, int parts, const signed char *partition) {
    for (int row = 0; row + 1 < parts; row++) {
        const signed char *sign = partition + (long)row * parts;
        double sum[2] = {0, 0};
        int count[2] = {0, 0};
        for (int i = 0; i < parts; i++) {
            if (sign[i] == 0 || !present(x[i]))
                continue;
            sum[sign[i] < 0] += log((double)x[i]);
            count[sign[i] < 0]++;
        }
        double r = count[0], s = count[1];
        out[row] =
            r > 0 && s > 0 ? (float)(sqrt(r * s / (r + s)) * (sum[0] / r - sum[1] / s)) : NAN;
    }
}

/* clr = sum over the balances of z_row times the row's unit vector, whose entries are
 * sqrt(s / (r (r + s))) for + parts and -sqrt(r / (s (r + s))) for - parts. */
void lode_balances_inverse(const float *z, float *out, int parts, const signed char *partition,
                           double total) {
    for (int i = 0; i < parts; i++) {
        double clr = 0;
        for (int row = 0; row + 1 < parts; row++) {
            const signed char *sign = partition + (long)row * parts;
            double r = 0, s = 0;
            for (int k = 0; k < parts; k++) {
                r += sign[k] > 0;
                s += sign[k] < 0;
            }
            double weight = sign[i] > 0   ? sqrt(s / (r * (r + s)))
                            : sign[i] < 0 ? -sqrt(r / (s * (r + s)))
                                          : 0;
            clr += weight * (double)z[row];
        }
        out[i] = (float)clr;
    }
    lode_clr_inverse(out, out, parts, total);
    for (int row = 0; row + 1 < parts; row++)
        if (!isfinite(z[row]))
            for (int i = 0; i < parts; i++)
                out[i] = NAN;
}
