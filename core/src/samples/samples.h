/* samples.h - a laboratory's table made into clean element values at places.
 *
 * The steps, in order: read the table; find coordinates and CRS; find element columns and their
 * units; tell missing, below-limit and above-limit values apart; choose between twin columns; drop
 * samples repeated under another number; look for mixed populations and units typed wrong, and level
 * groups if asked; replace values below limits; merge samples at one place. Everything that was
 * understood or changed is in the report. */
#ifndef LODE_SAMPLES_SAMPLES_H
#define LODE_SAMPLES_SAMPLES_H

#include <jansson.h>

#include "geochem/element.h"
#include "samples/table.h"

typedef enum lode_censoring {
    LODE_CENSORED_HALF,           /* half the limit */
    LODE_CENSORED_SQRT2,          /* limit / sqrt 2 */
    LODE_CENSORED_MULTIPLICATIVE, /* lognormal expectation below the limit, rest of the composition
                                     rescaled (Palarea-Albaladejo and Martin-Fernandez 2013) */
    LODE_CENSORED_ROS             /* regression on order statistics (Helsel 2012) */
} lode_censoring;

typedef enum lode_duplicates {
    LODE_DUPLICATES_AVERAGE,
    LODE_DUPLICATES_FIRST,
    LODE_DUPLICATES_ERROR
} lode_duplicates;

typedef struct lode_samples_options {
    const char *source, *layer, *where; /* layer, where may be NULL */
    const char *x, *y;       /* coordinate columns; NULL = find them */
    const char *points_crs;  /* CRS of the coordinates; NULL = the file's, or WGS 84 for degrees */
    const char *crs;         /* CRS wanted; NULL = the points' own, or UTM for degrees */
    const char *elements;    /* comma list of symbols or columns; NULL = all */
    const char *mapping;     /* JSON file that overrides what is recognised; NULL */
    const char *missing;     /* comma list of further missing codes; NULL */
    const char *group;       /* column whose groups are levelled; NULL */
    lode_censoring censored;
    double max_censored;     /* share (0..1) above which an element is dropped */
    lode_duplicates duplicates;
    bool oxides_as_elements;
} lode_samples_options;

/* One column of the table that holds, or could hold, an element. */
typedef struct lode_analyte {
    char *name;                /* "Au": the band's name */
    int column;                /* of the table */
    lode_element_name element; /* of no meaning when is_element is false */
    bool is_element;           /* false for other numbers the user asked for */
    bool unit_assumed;
    double factor;             /* brings a cell of the column to ppm of name */
    bool used;
    char *reason;              /* why it is not used; NULL */
    char *notes;               /* what was found, for the table; NULL */
    double *values;            /* [n] ppm, NaN where missing */
    unsigned char *marks;      /* [n] lode_mark; the value of a censored cell is its limit until it
                                  is replaced */
    size_t valid, below, above, negative, zero, missing, codes, spike;
    double lowest, highest, median; /* of the measured values, ppm */
    double limit_low, limit_high;   /* known detection limits, ppm; NaN */
} lode_analyte;

typedef struct lode_samples {
    size_t n;
    double *x, *y;       /* [n] in crs */
    char *crs;           /* WKT */
    lode_analyte *analytes;
    int count;           /* of analytes, used or not */
    json_t *report;      /* what was understood; see docs/data.md */
    json_t *warnings;    /* array of strings, part of the report */
} lode_samples;

/* Fails with the reason when no element or no sample is left. */
lode_status lode_samples_read(const lode_samples_options *options, const lode_progress *progress,
                              lode_samples **samples);
void lode_samples_free(lode_samples *samples);
int lode_samples_used(const lode_samples *samples);

/* Adds a line to the report's warnings and to the log. */
void lode_samples_warn(lode_samples *samples, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds a remark to an analyte's notes. */
void lode_analyte_note(lode_analyte *analyte, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Marks an analyte as unused for a reason. */
void lode_analyte_drop(lode_analyte *analyte, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
