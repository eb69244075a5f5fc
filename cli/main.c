/* main.c - the lode command: every task of the registry, with GDAL's habits.
 * Exit status: 0 success, 1 failure, 2 wrong usage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "cluster.h"
#include "help.h"
#include "library.h"
#include "terminal.h"

enum { EXIT_USAGE = 2 };

static const json_t *find_task(const json_t *tasks, const char *name) {
    size_t i;
    json_t *task;
    json_array_foreach(tasks, i, task) {
        if (strcmp(text_of(task, "name"), name) == 0)
            return task;
    }
    return NULL;
}

static bool write_json(const char *path, const char *text) {
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    if (!file) {
        fprintf(stderr, "lode: cannot write '%s'.\n", path);
        return false;
    }
    bool good = fprintf(file, "%s\n", text) > 0;
    if (file == stdout)
        good = fflush(stdout) == 0 && good;
    else
        good = fclose(file) == 0 && good;
    if (!good)
        fprintf(stderr, "lode: cannot write '%s'; is the disk full?\n", path);
    return good;
}

static int run_task(const json_t *task, const arguments *parsed) {
    const library *lode = library_load();
    if (!lode)
        return EXIT_FAILURE;
    bool json_on_stdout = parsed->json && strcmp(parsed->json, "-") == 0,
         first = cluster_rank() == 0;
    terminal screen = {.quiet = parsed->quiet || !first,
                       .debug = parsed->debug && first,
                       .silent = !first,
                       .bar_on_stderr = json_on_stdout};
    char *result = NULL;
    terminal_catch_interrupt();
    cluster_speak();
    if (!cluster_join(lode))
        return EXIT_FAILURE;
    lode->set_log(terminal_log, &screen);
    lode_status status = lode->task_run(text_of(task, "name"), (const char *const *)parsed->options,
                                       terminal_progress, &screen, &result);
    terminal_end_bar(&screen);
    int code = EXIT_SUCCESS;
    char text[4096] = "";
    if (status != LODE_OK) {
        snprintf(text, sizeof text, "lode %s: %s", text_of(task, "name"), lode->error_message());
        terminal_clean(text);
        code = status == LODE_ERROR_USAGE ? EXIT_USAGE : EXIT_FAILURE;
    } else if (first && parsed->json && !write_json(parsed->json, result)) {
        code = EXIT_FAILURE;
    }
    lode->free(result);
    cluster_leave(code == EXIT_SUCCESS,
                  status == LODE_OK || (cluster_stopped() && status == LODE_ERROR_CANCELLED) ? NULL
                                                                                             : text,
                  code);
    return code;
}

static int list_tasks(const json_t *tasks, int argc, char **argv) {
    if (argc == 3 && strcmp(argv[2], "--json") == 0)
        puts(library_registry);
    else if (argc == 2)
        print_task_list(tasks);
    else {
        fprintf(stderr, "Usage: lode tasks [--json]\n");
        return EXIT_USAGE;
    }
    return EXIT_SUCCESS;
}

static int dispatch(const json_t *tasks, int argc, char **argv) {
    if (argc < 2) {
        print_overview(tasks);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        print_overview(tasks);
        return EXIT_SUCCESS;
    }
    if (strcmp(argv[1], "tasks") == 0)
        return list_tasks(tasks, argc, argv);
    const json_t *task = find_task(tasks, argv[1]);
    if (!task) {
        fprintf(stderr, "lode: there is no task '%s'. 'lode tasks' lists them.\n", argv[1]);
        return EXIT_USAGE;
    }
    arguments parsed;
    int code = EXIT_USAGE;
    if (arguments_parse(task, argc - 1, argv + 1, &parsed)) {
        code = EXIT_SUCCESS;
        if (parsed.help)
            print_task_help(task);
        else
            code = run_task(task, &parsed);
    }
    arguments_free(&parsed);
    return code;
}

int main(int argc, char **argv) {
    cluster_hush();
    if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
        printf("lode %s\n", LODE_VERSION);
        return EXIT_SUCCESS;
    }
    json_t *registry = json_loads(library_registry, 0, NULL);
    int code = dispatch(json_object_get(registry, "tasks"), argc, argv);
    json_decref(registry);
    /* Open MPI 5 ends all processes with the first that fails, and only number 0 prints. */
    if (code != EXIT_SUCCESS && cluster_rank() > 0)
        sleep(1);
    return code;
}
