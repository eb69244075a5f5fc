#include "geochem/transform.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "geochem/composition.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

bool lode_operation_is_compositional(lode_operation operation) {
    return operation <= LODE_OPERATION_ILR;
}

bool lode_operation_has_inverse(lode_operation operation) {
    return operation != LODE_OPERATION_CLOSURE && operation != LODE_OPERATION_WINSOR;
}

static int fewer(const lode_operator *o) {
    bool ratio = o->operation == LODE_OPERATION_ALR || o->operation == LODE_OPERATION_ILR;
    return ratio ? o->parts - 1 : o->parts;
}

int lode_operator_inputs(const lode_operator *o) {
    return o->inverse ? fewer(o) : o->parts;
}

int lode_operator_outputs(const lode_operator *o) {
    return o->inverse ? o->parts : fewer(o);
}

/* ---- Fitting --------------------------------------------------------------------------------- */

lode_status lode_operator_alloc(lode_operator *o) {
    float **arrays[] = {&o->floor, &o->centre, &o->scale, &o->low, &o->high};
    for (int i = 0; i < 5; i++) {
        *arrays[i] = lode_alloc((size_t)o->parts + 1, sizeof **arrays[i]);
        if (!*arrays[i])
            return lode_fail_memory();
    }
    return LODE_OK;
}

void lode_operator_clear(lode_operator *o) {
    lode_free(o->floor);
    lode_free(o->centre);
    lode_free(o->scale);
    lode_free(o->low);
    lode_free(o->high);
    lode_free(o->partition);
    memset(o, 0, sizeof *o);
}

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Linear between order statistics (Hyndman and Fan 1996, type 7). */
static float quantile(const float *sorted, size_t n, double p) {
    double at = p * (double)(n - 1), whole = floor(at);
    size_t i = (size_t)whole, next = i + 1 < n ? i + 1 : i;
    return (float)((double)sorted[i] + (at - whole) * ((double)sorted[next] - (double)sorted[i]));
}

static void fit_part(lode_operator *o, int part, float *values, size_t n) {
    qsort(values, n, sizeof *values, ascending);
    size_t positive = 0;
    while (positive < n && !(values[positive] > 0))
        positive++;
    o->floor[part] = positive < n ? 0.5f * values[positive] : NAN;
    o->low[part] = n > 0 ? quantile(values, n, o->lower) : NAN;
    o->high[part] = n > 0 ? quantile(values, n, o->upper) : NAN;
    o->centre[part] = n > 0 ? quantile(values, n, 0.5) : NAN;
    for (size_t i = 0; i < n; i++)
        values[i] = fabsf(values[i] - o->centre[part]);
    qsort(values, n, sizeof *values, ascending);
    o->scale[part] = n > 0 ? 1.4826f * quantile(values, n, 0.5) : NAN;
}

lode_status lode_operator_fit(lode_operator *o, const float *rows, size_t count) {
    float *values = lode_alloc(count + 1, sizeof *values);
    lode_status status = values ? lode_operator_alloc(o) : lode_fail_memory();
    for (int part = 0; part < o->parts && status == LODE_OK; part++) {
        size_t n = 0;
        for (size_t i = 0; i < count; i++) {
            float value = rows[i * (size_t)o->parts + (size_t)part];
            if (isfinite(value))
                values[n++] = value;
        }
        fit_part(o, part, values, n);
    }
    lode_free(values);
    return status;
}

/* ---- Applying -------------------------------------------------------------------------------- */

static void undo(const lode_operator *o, const float *in, float *out) {
    switch (o->operation) {
    case LODE_OPERATION_CLR:
        lode_clr_inverse(in, out, o->parts, o->total);
        break;
    case LODE_OPERATION_ALR:
        lode_alr_inverse(in, out, o->parts, o->reference, o->total);
        break;
    case LODE_OPERATION_ILR:
        if (o->partition)
            lode_balances_inverse(in, out, o->parts, o->partition, o->total);
        else
            lode_ilr_inverse(in, out, o->parts, o->total);
        break;
    default:
        for (int i = 0; i < o->parts; i++)
            out[i] = in[i] * o->scale[i] + o->centre[i];
    }
}

void lode_operator_apply(const lode_operator *o, float *in, float *out) {
    if (o->inverse) {
        undo(o, in, out);
        return;
    }
    for (int i = 0; i < o->parts && lode_operation_is_compositional(o->operation); i++)
        if (in[i] <= 0)
            in[i] = o->floor[i];
    switch (o->operation) {
    case LODE_OPERATION_CLOSURE:
        lode_closure(in, out, o->parts, o->total);
        break;
    case LODE_OPERATION_CLR:
        lode_clr(in, out, o->parts);
        break;
    case LODE_OPERATION_ALR:
        lode_alr(in, out, o->parts, o->reference);
        break;
    case LODE_OPERATION_ILR:
        if (o->partition)
            lode_balances(in, out, o->parts, o->partition);
        else
            lode_ilr(in, out, o->parts);
        break;
    case LODE_OPERATION_ZSCORE:
        for (int i = 0; i < o->parts; i++)
            out[i] = o->scale[i] > 0 ? (in[i] - o->centre[i]) / o->scale[i] : 0 * in[i];
        break;
    case LODE_OPERATION_WINSOR:
        for (int i = 0; i < o->parts; i++)
            out[i] = isnan(in[i]) ? NAN : fminf(fmaxf(in[i], o->low[i]), o->high[i]);
        break;
    }
}

/* ---- Partitions ------------------------------------------------------------------------------ */

static bool read_sign(const char *word, size_t length, signed char *sign) {
    static const struct {
        const char *text;
        signed char sign;
    } signs[] = {{"+1", 1}, {"1", 1}, {"+", 1}, {"-1", -1}, {"-", -1}, {"0", 0}};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (strlen(signs[i].text) == length && strncmp(signs[i].text, word, length) == 0) {
            *sign = signs[i].sign;
            return true;
        }
    }
    return false;
}

static int find_name(const char *word, size_t length, const char *const *names, int parts) {
    for (int i = 0; i < parts; i++)
        if (strlen(names[i]) == length && strncasecmp(names[i], word, length) == 0)
            return i;
    return -1;
}

/* Every balance needs both signs; rows must be nested or apart, so that the coordinates are
 * orthogonal. */
static lode_status check_partition(const char *path, const signed char *p, int parts) {
    for (int row = 0; row + 1 < parts; row++) {
        int plus = 0, minus = 0;
        for (int i = 0; i < parts; i++) {
            plus += p[row * parts + i] > 0;
            minus += p[row * parts + i] < 0;
        }
        if (plus == 0 || minus == 0)
            return lode_fail(LODE_ERROR_DATA, "'%s': balance %d needs parts on both sides.", path,
                             row + 1);
        for (int other = 0; other < row; other++) {
            double r = plus, s = minus, dot = 0, op = 0, om = 0;
            for (int i = 0; i < parts; i++) {
                op += p[other * parts + i] > 0;
                om += p[other * parts + i] < 0;
            }
            for (int i = 0; i < parts; i++) {
                double a = p[row * parts + i] > 0 ? 1 / r : p[row * parts + i] < 0 ? -1 / s : 0;
                double b = p[other * parts + i] > 0   ? 1 / op
                           : p[other * parts + i] < 0 ? -1 / om
                                                      : 0;
                dot += a * b;
            }
            if (fabs(dot) > 1e-9)
                return lode_fail(
                    LODE_ERROR_DATA,
                    "'%s': balances %d and %d are not a sequential partition (each must "
                    "split one side of an earlier one).",
                    path, other + 1, row + 1);
        }
    }
    return LODE_OK;
}

static lode_status parse_partition(const char *path, const char *text, const char *const *names,
                                   int parts, signed char *partition) {
    static const char separators[] = " \t\r,;";
    int row = 0, line_number = 0;
    int *order = lode_alloc((size_t)parts, sizeof *order);
    if (!order)
        return lode_fail_memory();
    for (int i = 0; i < parts; i++)
        order[i] = i;
    lode_status status = LODE_OK;
    for (const char *line = text; *line && status == LODE_OK;) {
        size_t length = strcspn(line, "\n");
        const char *end = line + length, *at = line;
        int column = 0, named = 0;
        line_number++;
        while (at < end && status == LODE_OK) {
            at += strspn(at, separators);
            size_t n = strcspn(at, " \t\r,;\n");
            if (at >= end || n == 0)
                break;
            signed char sign;
            int part = find_name(at, n, names, parts);
            if (column < parts && row == 0 && part >= 0 && column == named) {
                order[column] = part;
                named++;
            } else if (column < parts && row < parts - 1 && named == 0 && read_sign(at, n, &sign)) {
                partition[row * parts + order[column]] = sign;
            } else {
                status =
                    lode_fail(LODE_ERROR_DATA,
                              "'%s', line %d: expected %d rows of %d entries +1, -1 or 0, after "
                              "an optional row of part names; found '%.*s'.",
                              path, line_number, parts - 1, parts, (int)n, at);
            }
            column++;
            at += n;
        }
        if (status == LODE_OK && column > 0 && column != parts)
            status = lode_fail(LODE_ERROR_DATA, "'%s', line %d has %d entries for %d parts.", path,
                               line_number, column, parts);
        row += column > 0 && named == 0;
        line = *end ? end + 1 : end;
    }
    if (status == LODE_OK && row != parts - 1)
        status = lode_fail(LODE_ERROR_DATA, "'%s' has %d balances; %d parts need %d.", path, row,
                           parts, parts - 1);
    lode_free(order);
    return status;
}

lode_status lode_partition_read(const char *path, const char *const *names, int parts,
                                signed char **partition) {
    char *text;
    size_t size;
    LODE_TRY(lode_file_read(path, 1 << 20, &text, &size));
    signed char *read = lode_alloc((size_t)parts * (size_t)parts, 1);
    lode_status status =
        read ? parse_partition(path, text, names, parts, read) : lode_fail_memory();
    if (status == LODE_OK)
        status = check_partition(path, read, parts);
    lode_free(text);
    if (status != LODE_OK) {
        lode_free(read);
        return status;
    }
    *partition = read;
    return LODE_OK;
}
