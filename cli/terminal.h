/* terminal.h - progress bar, log lines and Ctrl-C. */
#ifndef LODE_CLI_TERMINAL_H
#define LODE_CLI_TERMINAL_H

#include <stdbool.h>

#include "lode/lode.h"

typedef struct terminal {
    bool quiet, debug;
    bool silent;        /* not even warnings */
    bool bar_on_stderr; /* standard output carries JSON */
    int ticks;          /* of 40 printed so far */
    bool in_line;       /* the bar stands in the middle of a line */
} terminal;

/* The first Ctrl-C asks the task to stop, the second ends the process. */
void terminal_catch_interrupt(void);
/* lode_progress_fn and lode_log_fn with a terminal as user. */
int terminal_progress(double complete, const char *message, void *user);
void terminal_log(lode_log_level level, const char *message, void *user);
/* Names in data may hold escape sequences, which would write over what the user reads: control
 * characters but line ends and tabs become '?'. */
void terminal_clean(char *text);
/* Ends a bar that stands in the middle of a line. */
void terminal_end_bar(terminal *screen);

#endif
