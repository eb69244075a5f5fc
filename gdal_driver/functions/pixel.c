#include "functions/pixel.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

/* The argument that asks GDAL for the nodata value of the derived band. */
static const char nodata_argument[] = "NoData";

/* ---- Arguments ------------------------------------------------------------------------------- */

bool lode_call_fail(const lode_call *call, const char *format, ...) {
    char text[512];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    CPLError(CE_Failure, CPLE_AppDefined, "%s: %s", call->function->name, text);
    return false;
}

static const lode_argument *find_argument(const lode_function *function, const char *name) {
    for (const lode_argument *argument = function->arguments; argument->name; argument++)
        if (EQUAL(argument->name, name))
            return argument;
    return NULL;
}

const char *lode_call_text(const lode_call *call, const char *name) {
    const char *text = CSLFetchNameValue(call->arguments, name);
    const lode_argument *argument = find_argument(call->function, name);
    return text ? text : (argument ? argument->fallback : NULL);
}

/* CPLStrtod knows 'inf' only where nothing follows it, in some versions of GDAL. */
bool lode_parse_number(const char *text, double *value, const char **rest) {
    size_t sign = *text == '-' || *text == '+';
    if (STARTS_WITH_CI(text + sign, "inf")) {
        *value = *text == '-' ? -INFINITY : INFINITY;
        *rest = text + sign + strlen("inf");
        return true;
    }
    char *end = NULL;
    *value = CPLStrtod(text, &end);
    *rest = end;
    return end != text && !isnan(*value);
}

/* A number followed by a space or the end. */
static bool parse_item(const char *text, double *value, const char **rest) {
    return lode_parse_number(text, value, rest) && (**rest == '\0' || **rest == ' ');
}

bool lode_call_number(const lode_call *call, const char *name, double *value) {
    const char *text = lode_call_text(call, name), *rest;
    if (!text)
        return lode_call_fail(call, "the argument '%s' is missing.", name);
    if (!parse_item(text, value, &rest) || *rest)
        return lode_call_fail(call, "%s='%s' is not a number.", name, text);
    return true;
}

bool lode_call_index(const lode_call *call, const char *name, int low, int high, int *value) {
    double number = 0;
    if (!lode_call_number(call, name, &number))
        return false;
    if (number != floor(number) || number < low || number > high)
        return lode_call_fail(call, "%s=%s must be a whole number from %d to %d.", name,
                              lode_call_text(call, name), low, high);
    *value = (int)number;
    return true;
}

bool lode_call_numbers(const lode_call *call, const char *name, double **list, int *count) {
    const char *text = lode_call_text(call, name);
    if (!text)
        return lode_call_fail(call, "the argument '%s' is missing.", name);
    double *numbers = VSI_MALLOC2_VERBOSE(strlen(text) / 2 + 1, sizeof *numbers);
    if (!numbers)
        return false;
    int found = 0;
    for (const char *at = text + strspn(text, " "); *at; at += strspn(at, " ")) {
        if (!parse_item(at, &numbers[found++], &at)) {
            VSIFree(numbers);
            return lode_call_fail(
                call, "%s='%.60s' is not a list of numbers with spaces between them.", name, text);
        }
    }
    *list = numbers;
    *count = found;
    return true;
}

bool lode_call_choice(const lode_call *call, const char *name, const char *choices, int *choice) {
    const char *text = lode_call_text(call, name);
    size_t length = strlen(text);
    int position = 0;
    for (const char *at = choices; *at; position++) {
        size_t word = strcspn(at, "|");
        if (word == length && EQUALN(at, text, word)) {
            *choice = position;
            return true;
        }
        at += word + (at[word] == '|');
    }
    return lode_call_fail(call, "%s='%s' is not one of %s.", name, text, choices);
}

static bool check_argument_names(const lode_call *call) {
    for (CSLConstList item = call->arguments; item && *item; item++) {
        char *name = NULL;
        CPLParseNameValue(*item, &name);
        bool known = name && (EQUAL(name, nodata_argument) || find_argument(call->function, name));
        if (!known)
            lode_call_fail(call, "there is no argument '%s'.", name ? name : *item);
        CPLFree(name);
        if (!known)
            return false;
    }
    return true;
}

bool lode_function_prepare(const lode_call *call, lode_parameters *parameters) {
    const lode_function *function = call->function;
    if (function->of_value && call->sources > 1)
        return lode_call_fail(call, "takes at most 1 source; the band has %d.", call->sources);
    int fewest = function->fewest > 1 ? function->fewest : 1;
    if (call->sources < fewest)
        return lode_call_fail(call, "needs at least %d source%s; the band has %d.", fewest,
                              fewest == 1 ? "" : "s", call->sources);
    return check_argument_names(call) &&
           (!function->prepare || function->prepare(call, parameters));
}

void lode_parameters_release(lode_parameters *parameters) {
    VSIFree(parameters->list);
    VSIFree(parameters->starts);
}

/* ---- The cell loop --------------------------------------------------------------------------- */

static bool is_missing(double value, lode_missing nodata) {
    return !isfinite(value) || (nodata.known && value == nodata.value);
}

void lode_load_run(const void *source, GDALDataType type, size_t step, int cells,
                   lode_missing nodata, double *out) {
    const float *singles = source;
    const double *doubles = source;
    if (type == GDT_Float32)
        nodata.value = (double)(float)nodata.value;
    for (int i = 0; i < cells; i++) {
        size_t at = (size_t)i * step;
        double value = type == GDT_Float32 ? (double)singles[at] : doubles[at];
        out[i] = is_missing(value, nodata) ? NAN : value;
    }
}

static void store_run(double *values, int cells, lode_missing nodata, const lode_buffers *buffers,
                      int x, int y) {
    double none = nodata.known ? nodata.value : NAN;
    for (int i = 0; i < cells; i++)
        if (isnan(values[i]))
            values[i] = none;
    char *out = (char *)buffers->out + (size_t)y * (size_t)buffers->line_space +
                (size_t)x * (size_t)buffers->pixel_space;
    GDALCopyWords(values, GDT_Float64, (int)sizeof(double), out, buffers->out_type,
                  buffers->pixel_space, cells);
}

void lode_function_run(const lode_function *function, const lode_parameters *parameters,
                       int sources, const double *const *x, int cells, double *out) {
    if (function->of_run)
        function->of_run(parameters, sources, x, cells, out);
    else if (function->of_value)
        for (int i = 0; i < cells; i++)
            out[i] = function->of_value(parameters, x[0][i]);
    else
        for (int i = 0; i < cells; i++)
            out[i] = function->of_cell(parameters, sources, x, i);
}

static void evaluate_cells(const lode_function *function, const lode_parameters *parameters,
                           const lode_buffers *buffers, lode_missing nodata, double *memory,
                           const double **rows) {
    for (int k = 0; k < buffers->count; k++)
        rows[k] = memory + (size_t)k * LODE_RUN;
    double *out = memory + (size_t)buffers->count * LODE_RUN;
    for (int y = 0; y < buffers->height; y++) {
        for (int x = 0; x < buffers->width; x += LODE_RUN) {
            int cells = buffers->width - x < LODE_RUN ? buffers->width - x : LODE_RUN;
            size_t from = (size_t)y * (size_t)buffers->width + (size_t)x;
            size_t size = buffers->source_type == GDT_Float32 ? sizeof(float) : sizeof(double);
            for (int k = 0; k < buffers->count; k++)
                lode_load_run((const char *)buffers->sources[k] + from * size, buffers->source_type,
                              1, cells, nodata, memory + (size_t)k * LODE_RUN);
            lode_function_run(function, parameters, buffers->count, rows, cells, out);
            store_run(out, cells, nodata, buffers, x, y);
        }
    }
}

static bool find_nodata(const lode_call *call, lode_missing *nodata) {
    const char *text = CSLFetchNameValue(call->arguments, nodata_argument), *rest;
    nodata->known = text != NULL && !EQUAL(text, "nan");
    if (nodata->known && !parse_item(text, &nodata->value, &rest))
        return lode_call_fail(call, "NoData='%s' is not a number.", text);
    return true;
}

CPLErr lode_function_evaluate(const lode_function *function, const lode_buffers *buffers,
                              CSLConstList arguments) {
    lode_call call = {function, buffers->count, arguments, false};
    if (buffers->source_type != GDT_Float32 && buffers->source_type != GDT_Float64) {
        lode_call_fail(&call,
                       "its sources arrive as %s. Add <SourceTransferType>Float32"
                       "</SourceTransferType> to the VRTRasterBand.",
                       GDALGetDataTypeName(buffers->source_type));
        return CE_Failure;
    }
    lode_parameters parameters = {0};
    lode_missing nodata = {false, 0};
    bool good = find_nodata(&call, &nodata) && lode_function_prepare(&call, &parameters);
    size_t rows_needed = (size_t)buffers->count + 1;
    double *memory = good ? VSI_MALLOC3_VERBOSE(rows_needed, LODE_RUN, sizeof(double)) : NULL;
    const double **rows = good ? VSI_MALLOC2_VERBOSE(rows_needed, sizeof(double *)) : NULL;
    good = good && memory && rows;
    if (good)
        evaluate_cells(function, &parameters, buffers, nodata, memory, rows);
    VSIFree(memory);
    VSIFree(rows);
    lode_parameters_release(&parameters);
    return good ? CE_None : CE_Failure;
}

/* ---- Registration ---------------------------------------------------------------------------- */

/* The list of arguments as XML, in the form GDAL documents for pixel functions. The text is
 * bounded: the tables are ours, and a description that did not fit would end up cut short. */
static void describe(const lode_function *function, char *xml, size_t size) {
    size_t used = (size_t)snprintf(xml, size,
                                   "<PixelFunctionArgumentsList>"
                                   "<Argument type='builtin' value='%s' optional='true'/>",
                                   nodata_argument);
    for (const lode_argument *argument = function->arguments; argument->name; argument++) {
        char *help = CPLEscapeString(argument->help, -1, CPLES_XML);
        const char *fallback = argument->fallback;
        if (used < size)
            used +=
                (size_t)snprintf(xml + used, size - used,
                                 "<Argument name=\"%s\" type=\"%s\" description=\"%s\" %s=\"%s\"/>",
                                 argument->name, argument->type, help,
                                 fallback ? "default" : "mandatory", fallback ? fallback : "1");
        CPLFree(help);
    }
    if (used < size)
        snprintf(xml + used, size - used, "</PixelFunctionArgumentsList>");
}

void lode_functions_register(void) {
    char xml[4096];
    for (int i = 0; lode_functions[i]; i++) {
        describe(lode_functions[i], xml, sizeof xml);
        GDALAddDerivedBandPixelFuncWithArgs(lode_functions[i]->name, lode_functions[i]->entry, xml);
    }
}
