/* cell.h - one cell of a laboratory's table: a number, a number beyond a limit, or nothing. */
#ifndef LODE_SAMPLES_CELL_H
#define LODE_SAMPLES_CELL_H

#include <stdbool.h>

typedef enum lode_mark {
    LODE_MARK_MISSING, /* not analysed, empty, N/A, a missing code */
    LODE_MARK_VALUE,
    LODE_MARK_BELOW, /* below a detection limit; the value is the limit, 0 when it is not known */
    LODE_MARK_ABOVE, /* above an upper limit; the value is the limit */
    LODE_MARK_TEXT   /* anything else */
} lode_mark;

typedef struct lode_cell {
    lode_mark mark;
    double value;
    bool comma; /* the number had a decimal comma */
    bool point; /* the number had a decimal point */
} lode_cell;

/* Reads "12.5", "12,5", "<0.5", "< 0,5", ">1000", "BDL", "n.d.", "N/A", "" ... Signs and missing
 * codes are left as they are: a table decides what they mean. */
lode_cell lode_cell_parse(const char *text);

/* True for numbers used as "no data" in tables of assays: -9999, -99999, -999, -99 ... */
bool lode_is_missing_code(double value);

#endif
