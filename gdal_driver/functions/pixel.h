/* pixel.h - what the derived-band pixel functions share: arguments, nodata, types, the cell loop.
 *
 * GDAL hands a pixel function the buffers of its sources in one type and wants a buffer in another.
 * Here each function is only its equation: it is given doubles with NaN for every missing value and
 * returns a double, NaN for "no result". Everything else (the loop over cells, argument checks,
 * nodata, conversion, error messages) is done once, in pixel.c.
 *
 * Rules that hold for every function
 *   - The sources must arrive as Float32 or Float64: write
 *     <SourceTransferType>Float32</SourceTransferType> into the band. Other types are refused,
 *     because GDAL would have rounded the values already.
 *   - A source value is missing when it is NaN, infinite, or equals the nodata value of the derived
 *     band. (Sources with another nodata value go into a <ComplexSource> with <NODATA>.)
 *   - A cell without result becomes the nodata value of the derived band, NaN when it has none.
 *   - Unknown, malformed and missing arguments fail with the function's and the argument's name.
 *   - No state between calls: any number of threads may call at once. */
#ifndef LODE_PIXEL_H
#define LODE_PIXEL_H

#include <stdbool.h>
#include <stddef.h>

#include <cpl_error.h>
#include <gdal.h>

/* One argument of a function: the source of the checks and of the metadata GDAL shows. */
typedef struct lode_argument {
    const char *name;
    const char *type;     /* "double", "integer" or "string", as GDAL's documentation names them */
    const char *fallback; /* default as text; NULL when the argument must be given */
    const char *help;
} lode_argument;

/* What a function's prepare step is given. */
typedef struct lode_call {
    const struct lode_function *function;
    int sources;
    CSLConstList arguments;
    bool all; /* for run_all: the argument that picks one output is not given */
} lode_call;

/* Parsed arguments. Each function uses the members it names in its prepare step. */
typedef struct lode_parameters {
    double a, b, c;
    int index, other;
    bool flag;
    double *list; /* freed by pixel.c */
    int count;
    int *starts; /* [sources + 1] where each source's items of `list` begin; freed by pixel.c */
} lode_parameters;

typedef struct lode_function {
    const char *name;
    const char *help;               /* one line: the equation and its source */
    const lode_argument *arguments; /* ends with a NULL name */
    int fewest;                     /* sources needed; 0 = one */
    /* Fills parameters from the arguments; false after reporting what is wrong. May be NULL. */
    bool (*prepare)(const lode_call *call, lode_parameters *parameters);
    /* The equation, in one of three forms.
     * Of one value; such a function takes exactly one source. */
    double (*of_value)(const lode_parameters *parameters, double x);
    /* Of the values x[0..sources-1][i] of cell i. */
    double (*of_cell)(const lode_parameters *parameters, int sources, const double *const *x,
                      int i);
    /* Of a run of cells, where that is quicker: x[sources][cells] -> out[cells]. */
    void (*of_run)(const lode_parameters *parameters, int sources, const double *const *x,
                   int cells, double *out);
    /* Functions that pick one of several outputs by an argument: all of them at once, out[sources -
     * fewer][cells]. NULL otherwise. Used by processed.c. */
    void (*run_all)(const lode_parameters *parameters, int sources, const double *const *x,
                    int cells, double *const *out);
    int fewer;
    /* The entry registered with GDAL. */
    GDALDerivedPixelFuncWithArgs entry;
} lode_function;

/* Defines lode_function_NAME, the function called lode_NAME in VRT files, from its members. Pixel
 * functions carry no user data, so each needs an entry of its own. */
#define LODE_FUNCTION(NAME, ...)                                                                   \
    static CPLErr NAME##_entry(void **sources, int count, void *out, int width, int height,        \
                               GDALDataType source_type, GDALDataType out_type, int pixel_space,   \
                               int line_space, CSLConstList arguments) {                           \
        lode_buffers buffers = {sources,     count,    out,         width,     height,             \
                                source_type, out_type, pixel_space, line_space};                   \
        return lode_function_evaluate(&lode_function_##NAME, &buffers, arguments);                 \
    }                                                                                              \
    const lode_function lode_function_##NAME = {                                                   \
        .name = "lode_" #NAME, .entry = NAME##_entry, __VA_ARGS__};

/* What GDAL passes to a pixel function. */
typedef struct lode_buffers {
    void **sources;
    int count;
    void *out;
    int width, height;
    GDALDataType source_type, out_type;
    int pixel_space, line_space;
} lode_buffers;

CPLErr lode_function_evaluate(const lode_function *function, const lode_buffers *buffers,
                              CSLConstList arguments);
/* Checks a call without buffers; the processed-dataset steps use it too. */
bool lode_function_prepare(const lode_call *call, lode_parameters *parameters);
/* x[sources][cells] -> out[cells], whatever form the equation has. */
void lode_function_run(const lode_function *function, const lode_parameters *parameters,
                       int sources, const double *const *x, int cells, double *out);
void lode_parameters_release(lode_parameters *parameters);

/* ---- Arguments. All return false after an error that names function and argument. ------------ */

bool lode_call_fail(const lode_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The argument's text, or its fallback. */
const char *lode_call_text(const lode_call *call, const char *name);
bool lode_call_number(const lode_call *call, const char *name, double *value);
/* A whole number within low..high. */
bool lode_call_index(const lode_call *call, const char *name, int low, int high, int *value);
/* Numbers separated by spaces; the list belongs to the caller (VSIFree). */
bool lode_call_numbers(const lode_call *call, const char *name, double **list, int *count);
/* Reads a number, 'inf' and '-inf' included, at the start of text; *rest is what follows. False
 * when there is none. Reads '.' whatever the locale is. */
bool lode_parse_number(const char *text, double *value, const char **rest);
/* Position of the argument's word in the '|' separated choices. */
bool lode_call_choice(const lode_call *call, const char *name, const char *choices, int *choice);

/* Every function, in the order of the documentation; ends with NULL. */
extern const lode_function *const lode_functions[];
/* Registers all of them with GDAL as pixel functions. */
void lode_functions_register(void);
/* And as steps of a VRTProcessedDataset, where GDAL (3.9) has it. */
void lode_steps_register(void);

enum { LODE_RUN = 256 }; /* cells handled at once, so that the sources' doubles stay in cache */

typedef struct lode_missing {
    bool known;
    double value;
} lode_missing;

/* Copies cells of one source as doubles with NaN where it is missing; step: from one value to the
 * next, in values. The nodata value of a Float32 source is compared as Float32: -3.4e38 written in
 * decimal is not the double next to it. */
void lode_load_run(const void *source, GDALDataType type, size_t step, int cells,
                   lode_missing nodata, double *out);

#endif
