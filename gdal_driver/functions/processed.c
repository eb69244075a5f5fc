/* processed.c - the same functions as steps of a VRTProcessedDataset (GDAL 3.9 and newer).
 *
 * A step sees all bands of a cell at once, so the log-ratios of n parts cost n logarithms and not n
 * times n. What a step makes of n bands: clr n bands, ilr n - 1, functions of one source n (the
 * same arguments for every band), all others one. */
#include "functions/list.h"

#if GDAL_VERSION_NUM < GDAL_COMPUTE_VERSION(3, 9, 0)

void lode_steps_register(void) {}

#else

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "lode/lode.h"

/* Whether the function is applied to each band on its own. */
static bool is_single(const lode_function *function) {
    return function->of_value != NULL;
}

static int output_count(const lode_function *function, int bands) {
    if (is_single(function))
        return bands;
    return function->run_all ? bands - function->fewer : 1;
}

/* A step as its start left it. */
typedef struct step {
    lode_parameters parameters;
    double *none; /* [outputs] nodata values of the outputs */
} step;

static void stop_step(const char *name, void *user, VRTPDWorkingDataPtr data) {
    (void)name;
    (void)user;
    step *self = data;
    if (self) {
        lode_parameters_release(&self->parameters);
        VSIFree(self->none);
    }
    VSIFree(self);
}

/* Nodata values of the outputs: the output dataset's where this is the last step, else ours. The
 * step keeps a copy: GDAL 3.10 passes too short a list when a later step makes fewer bands. */
static bool set_nodata(step *self, int outputs, int *count, double **nodata) {
    bool given = *nodata && *count == outputs;
    double *values = VSI_REALLOC_VERBOSE(*nodata, (size_t)outputs * sizeof *values);
    self->none = VSI_MALLOC2_VERBOSE((size_t)outputs, sizeof *values);
    if (values)
        *nodata = values;
    if (!values || !self->none)
        return false;
    for (int i = 0; i < outputs && !given; i++)
        values[i] = (double)LODE_NODATA;
    memcpy(self->none, values, (size_t)outputs * sizeof *values);
    *count = outputs;
    return true;
}

static CPLErr start_step(const char *name, void *user, CSLConstList arguments, int bands,
                         GDALDataType type, double *in_nodata, int *outputs, GDALDataType *out_type,
                         double **out_nodata, const char *folder, VRTPDWorkingDataPtr *data) {
    (void)type, (void)in_nodata, (void)folder;
    const lode_function *function = user;
    lode_call call = {function, is_single(function) ? 1 : bands, arguments,
                      function->run_all != NULL};
    step *self = VSI_CALLOC_VERBOSE(1, sizeof *self);
    if (!self)
        return CE_Failure;
    *out_type = GDT_Float64;
    if (!lode_function_prepare(&call, &self->parameters) ||
        !set_nodata(self, output_count(function, bands), outputs, out_nodata)) {
        stop_step(name, user, self);
        return CE_Failure;
    }
    *data = self;
    return CE_None;
}

/* Rows of LODE_RUN doubles, one for each input and output. */
typedef struct rows {
    double *memory;
    double **in, **out;
} rows;

static bool make_rows(int inputs, int outputs, rows *made) {
    size_t count = (size_t)inputs + (size_t)outputs;
    made->memory = VSI_MALLOC3_VERBOSE(count, LODE_RUN, sizeof(double));
    made->in = VSI_MALLOC2_VERBOSE(count, sizeof(double *));
    if (!made->memory || !made->in)
        return false;
    for (size_t i = 0; i < count; i++)
        made->in[i] = made->memory + i * LODE_RUN;
    made->out = made->in + inputs;
    return true;
}

static void evaluate_run(const lode_function *function, const lode_parameters *parameters,
                         int bands, int cells, const rows *work) {
    const double *const *in = (const double *const *)work->in;
    if (function->run_all)
        function->run_all(parameters, bands, in, cells, work->out);
    else if (!is_single(function))
        lode_function_run(function, parameters, bands, in, cells, work->out[0]);
    else
        for (int k = 0; k < bands; k++)
            lode_function_run(function, parameters, 1, in + k, cells, work->out[k]);
}

static void store_values(const double *values, int cells, double nodata, int every, double *out) {
    for (int i = 0; i < cells; i++)
        out[(size_t)i * (size_t)every] = isnan(values[i]) ? nodata : values[i];
}

static CPLErr run_step(const char *name, void *user, VRTPDWorkingDataPtr data,
                       CSLConstList arguments, int width, int height, const void *in,
                       size_t in_size, GDALDataType in_type, int bands, const double *in_nodata,
                       void *out, size_t out_size, GDALDataType out_type, int outputs,
                       const double *out_nodata, double x, double y, double x_size, double y_size,
                       const double transform[], const char *folder, CSLConstList extra) {
    (void)name, (void)arguments, (void)in_size, (void)out_size, (void)out_type, (void)x, (void)y;
    (void)x_size, (void)y_size, (void)transform, (void)folder, (void)extra, (void)out_nodata;
    const step *self = data;
    rows work = {NULL, NULL, NULL};
    bool good = make_rows(bands, outputs, &work);
    size_t cells = (size_t)width * (size_t)height;
    for (size_t from = 0; good && from < cells; from += LODE_RUN) {
        int run = cells - from < LODE_RUN ? (int)(cells - from) : LODE_RUN;
        for (int k = 0; k < bands; k++) {
            /* GDAL 3.10 hands a last step that makes fewer bands than it gets the nodata values of
             * as many bands as it makes, so there only the first can be relied on. */
            double none = in_nodata[outputs < bands ? 0 : k];
            lode_missing nodata = {!isnan(none), none};
            lode_load_run((const double *)in + from * (size_t)bands + (size_t)k, in_type,
                          (size_t)bands, run, nodata, work.in[k]);
        }
        evaluate_run(user, &self->parameters, bands, run, &work);
        for (int k = 0; k < outputs; k++)
            store_values(work.out[k], run, self->none[k], outputs,
                         (double *)out + from * (size_t)outputs + (size_t)k);
    }
    VSIFree(work.memory);
    VSIFree(work.in);
    return good ? CE_None : CE_Failure;
}

static void describe(const lode_function *function, char *xml, size_t size) {
    size_t used = (size_t)snprintf(xml, size, "<ProcessedDatasetFunctionArgumentsList>");
    for (const lode_argument *argument = function->arguments; argument->name; argument++) {
        bool picks = function->run_all && !argument->fallback;
        char *help = CPLEscapeString(argument->help, -1, CPLES_XML);
        if (!picks && used < size)
            used += (size_t)snprintf(xml + used, size - used,
                                     "<Argument name=\"%s\" type=\"%s\" description=\"%s\"%s/>",
                                     argument->name, argument->type, help,
                                     argument->fallback ? "" : " required=\"true\"");
        CPLFree(help);
    }
    if (used < size)
        snprintf(xml + used, size - used, "</ProcessedDatasetFunctionArgumentsList>");
}

void lode_steps_register(void) {
    char xml[4096];
    for (int i = 0; lode_functions[i]; i++) {
        describe(lode_functions[i], xml, sizeof xml);
        GDALVRTRegisterProcessedDatasetFunc(lode_functions[i]->name, (void *)lode_functions[i], xml,
                                            GDT_Float64, NULL, 0, NULL, 0, start_step, stop_step,
                                            run_step, NULL);
    }
}

#endif
