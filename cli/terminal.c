#include "terminal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cluster.h"

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number) {
    interrupted = 1;
    signal(number, SIG_DFL);
}

void terminal_catch_interrupt(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static FILE *bar(const terminal *screen) {
    return screen->bar_on_stderr ? stderr : stdout;
}

int terminal_progress(double complete, const char *message, void *user) {
    (void)message;
    terminal *screen = user;
    int target = (int)(complete * 40.0 + 1e-9);
    while (!screen->quiet && screen->ticks <= target && screen->ticks <= 40) {
        if (screen->ticks % 4 == 0)
            fprintf(bar(screen), "%d", screen->ticks / 4 * 10);
        else
            fputc('.', bar(screen));
        if (screen->ticks == 40)
            fputs(" - done.\n", bar(screen));
        fflush(bar(screen));
        screen->in_line = screen->ticks < 40;
        screen->ticks++;
    }
    return !interrupted && !cluster_stopped();
}

/* Ends the line that a bar stands in. */
static void leave_line(terminal *screen) {
    if (screen->in_line)
        fputc('\n', bar(screen));
    fflush(bar(screen));
    screen->in_line = false;
}

void terminal_end_bar(terminal *screen) {
    leave_line(screen);
    screen->ticks = 0;
}

void terminal_log(lode_log_level level, const char *message, void *user) {
    terminal *screen = user;
    if (screen->silent || (level == LODE_LOG_DEBUG && !screen->debug) ||
        (level == LODE_LOG_INFO && screen->quiet))
        return;
    leave_line(screen); /* the bar goes on below the message, where it was */
    char text[2048];    /* no message of liblode is longer */
    snprintf(text, sizeof text, "%s", message);
    terminal_clean(text);
    fprintf(stderr, "%s%s\n", level == LODE_LOG_WARNING ? "Warning: " : "", text);
}

void terminal_clean(char *text) {
    for (char *at = text; *at; at++)
        if (((unsigned char)*at < 32 && *at != '\n' && *at != '\t') || *at == 127)
            *at = '?';
}
