/* transform_table.c - a transform of a table of samples: new columns. */
#include <math.h>
#include <string.h>

#include "samples/rewrite.h"
#include "samples/table.h"
#include "task/transform.h"
#include "util/error.h"
#include "util/memory.h"

/* The rows' values with the table's marks understood: half a limit below it, NaN where missing. */
static void read_rows(const lode_transform_job *job, const lode_table *table, int inputs,
                      float *rows) {
    bool composition = lode_operation_is_compositional(job->operator_.operation);
    for (int p = 0; p < inputs; p++) {
        const lode_column *column = &table->columns[job->chosen[p]];
        for (size_t i = 0; i < table->rows; i++) {
            double value = column->values[i];
            lode_mark mark = (lode_mark)column->marks[i];
            if (mark == LODE_MARK_MISSING || mark == LODE_MARK_TEXT ||
                (mark == LODE_MARK_VALUE && lode_is_missing_code(value)))
                value = NAN;
            else if (mark == LODE_MARK_BELOW)
                value *= 0.5;
            else if (composition && !job->operator_.inverse && value < 0)
                value *= -0.5;
            rows[i * (size_t)inputs + (size_t)p] = (float)value * job->to_ppm[p];
        }
    }
}

static lode_status transform_rows(lode_transform_job *job, const lode_table *table,
                                  double **results) {
    lode_operator *o = &job->operator_;
    int inputs = lode_operator_inputs(o), outputs = job->outputs;
    float *rows = lode_alloc(table->rows * (size_t)inputs + 1, sizeof *rows);
    float *out = lode_alloc((size_t)outputs, sizeof *out);
    double *columns = lode_alloc(table->rows * (size_t)outputs + 1, sizeof *columns);
    lode_status status = rows && out && columns ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK) {
        read_rows(job, table, inputs, rows);
        if (!o->inverse)
            status = lode_operator_fit(o, rows, table->rows);
    }
    for (size_t i = 0; i < table->rows && status == LODE_OK; i++) {
        lode_operator_apply(o, rows + i * (size_t)inputs, out);
        for (int k = 0; k < outputs; k++)
            columns[(size_t)k * table->rows + i] = (double)out[k];
    }
    lode_free(rows);
    lode_free(out);
    if (status != LODE_OK) {
        lode_free(columns);
        return status;
    }
    *results = columns;
    return LODE_OK;
}

/* For the inverse of clr and alr columns the parts are in the names: clr_Au, alr_Au_Al. */
static char *parts_of_names(const lode_transform_job *job, const char *const *names, int inputs) {
    size_t prefix = strlen(job->transform) + 1;
    char *list = lode_strdup("");
    const char *last = NULL;
    if (job->operator_.operation == LODE_OPERATION_ILR)
        inputs = 0;
    for (int i = 0; i < inputs && list; i++) {
        const char *part = names[job->chosen[i]];
        part = strlen(part) > prefix ? part + prefix : part;
        const char *under = strrchr(part, '_');
        bool alr = job->operator_.operation == LODE_OPERATION_ALR && under;
        last = alr ? under + 1 : last;
        char *longer = lode_format("%s%s%.*s", list, i ? "\t" : "",
                                   (int)(alr ? under - part : (long)strlen(part)), part);
        lode_free(list);
        list = longer;
    }
    if (list && last) {
        char *longer = lode_format("%s\t%s", list, last);
        lode_free(list);
        list = longer;
    }
    return list;
}

static lode_status prepare_table(lode_transform_job *job, const lode_table *table) {
    const char **names = lode_alloc((size_t)table->count + 1, sizeof *names);
    bool *usable = lode_alloc((size_t)table->count + 1, sizeof *usable);
    int inputs = 0;
    job->symbols = lode_alloc((size_t)table->count + 1, sizeof *job->symbols);
    lode_status status = names && usable && job->symbols ? LODE_OK : lode_fail_memory();
    for (int i = 0; i < table->count && status == LODE_OK; i++) {
        names[i] = table->columns[i].name;
        usable[i] = table->columns[i].numbers > table->columns[i].texts;
    }
    if (status == LODE_OK)
        status = lode_transform_choose_inputs(job, names, table->count, usable, &inputs);
    char *stored =
        status == LODE_OK && job->operator_.inverse ? parts_of_names(job, names, inputs) : NULL;
    if (status == LODE_OK)
        status =
            lode_transform_name_parts(job, names, stored && stored[0] ? stored : NULL, '_', inputs);
    for (int i = 0; i < job->outputs && status == LODE_OK; i++) {
        if (lode_table_find(table, job->names[i]) < 0)
            continue;
        char *other =
            lode_format("%s_%s", job->operator_.inverse ? "inverse" : "new", job->names[i]);
        lode_free(job->names[i]);
        job->names[i] = other;
        status = other ? LODE_OK : lode_fail_memory();
    }
    lode_free(stored);
    lode_free(names);
    lode_free(usable);
    return status;
}

lode_status lode_transform_table(lode_transform_job *job, const lode_progress *progress) {
    lode_table *table;
    double *results = NULL;
    const char *input = lode_arg(job->args, "input");
    if (job->operator_.inverse && job->operator_.operation == LODE_OPERATION_ZSCORE)
        return lode_fail(LODE_ERROR_USAGE,
                         "--inverse: a table does not keep the centre and scale of "
                         "a z-score; only a stack does.");
    lode_progress read = lode_progress_part(progress, 0, 0.5);
    LODE_TRY(lode_table_read(input, NULL, NULL, &read, &table));
    lode_status status = prepare_table(job, table);
    if (status == LODE_OK)
        status = transform_rows(job, table, &results);
    if (status == LODE_OK)
        status =
            lode_table_rewrite(input, lode_arg(job->args, "output"),
                               (const char *const *)job->names, results, job->outputs, table->rows);
    if (status == LODE_OK)
        lode_log(LODE_LOG_INFO, "%s%s of %d columns of %zu rows.", job->transform,
                 job->operator_.inverse ? " inverse" : "", lode_operator_inputs(&job->operator_),
                 table->rows);
    lode_free(results);
    lode_table_free(table);
    return status;
}
