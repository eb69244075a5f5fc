#include "arguments.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "help.h"

enum { OPTION_JSON = 1000, OPTION_DEBUG, OPTION_HELP = 'h', OPTION_QUIET = 'q' };

static bool add(arguments *parsed, const char *name, const char *value) {
    char **bigger = realloc(parsed->options, (size_t)(parsed->count + 2) * sizeof *bigger);
    if (!bigger)
        return false;
    parsed->options = bigger;
    size_t size = strlen(name) + strlen(value) + 2;
    char *option = malloc(size);
    if (!option)
        return false;
    snprintf(option, size, "%s=%s", name, value);
    parsed->options[parsed->count++] = option;
    parsed->options[parsed->count] = NULL;
    return true;
}

void arguments_free(arguments *parsed) {
    for (int i = 0; i < parsed->count; i++)
        free(parsed->options[i]);
    free(parsed->options);
}

/* getopt's table: every parameter of the task by name, then the options that all tasks share. */
static struct option *option_table(const json_t *params) {
    static const struct option shared[] = {{"json", required_argument, NULL, OPTION_JSON},
                                           {"debug", no_argument, NULL, OPTION_DEBUG},
                                           {"quiet", no_argument, NULL, OPTION_QUIET},
                                           {"help", no_argument, NULL, OPTION_HELP},
                                           {NULL, 0, NULL, 0}};
    size_t count = json_array_size(params), i;
    struct option *table = calloc(count + 5, sizeof *table);
    json_t *param;
    if (!table)
        return NULL;
    json_array_foreach(params, i, param) {
        bool flag = strcmp(text_of(param, "kind"), "boolean") == 0;
        table[i].name = text_of(param, "name");
        table[i].has_arg = flag ? optional_argument : required_argument;
    }
    memcpy(table + count, shared, sizeof shared);
    return table;
}

static bool repeats(const json_t *param) {
    const char *kind = text_of(param, "kind");
    return json_is_true(json_object_get(param, "multiple")) || !strcmp(kind, "stack") ||
           !strcmp(kind, "rasters");
}

/* Positional words go to positional parameters in order; the first repeatable one takes what the
 * required ones behind it leave over. */
static bool place_words(const json_t *task, char **words, int count, arguments *parsed) {
    const json_t *params = json_object_get(task, "parameters");
    size_t i;
    json_t *param;
    int required = 0, at = 0;
    json_array_foreach(params, i, param) {
        if (json_is_true(json_object_get(param, "positional")) &&
            json_is_true(json_object_get(param, "required")))
            required++;
    }
    json_array_foreach(params, i, param) {
        if (!json_is_true(json_object_get(param, "positional")))
            continue;
        bool must = json_is_true(json_object_get(param, "required"));
        int behind = required - (must ? 1 : 0), take = 1;
        if (repeats(param))
            take = count - at - behind;
        else if (!must && count - at <= behind)
            take = 0;
        for (; take > 0 && at < count; take--)
            if (!add(parsed, text_of(param, "name"), words[at++]))
                return false;
        required = behind;
    }
    if (at < count)
        fprintf(stderr, "lode %s: '%s' is one argument too many.\n", text_of(task, "name"),
                words[at]);
    return at == count;
}

/* The value that follows a flag as a word of its own, as in "--rotate NO": getopt takes optional
 * values behind "=" only. NULL when the next word is none. */
static const char *flag_value(int argc, char **argv) {
    static const char *const values[] = {"YES", "NO", "TRUE", "FALSE", "ON", "OFF"};
    for (size_t i = 0; optind < argc && i < sizeof values / sizeof *values; i++)
        if (strcasecmp(argv[optind], values[i]) == 0)
            return argv[optind++];
    return NULL;
}

/* Takes all options that getopt finds; false on an unknown one. */
static bool take_options(int argc, char **argv, const struct option *table, int count,
                         arguments *parsed) {
    int index = 0, code;
    opterr = 1;
    optind = 1;
    while ((code = getopt_long(argc, argv, "qh", table, &index)) != -1) {
        if (code == OPTION_JSON)
            parsed->json = optarg;
        else if (code == OPTION_DEBUG)
            parsed->debug = true;
        else if (code == OPTION_QUIET)
            parsed->quiet = true;
        else if (code == OPTION_HELP)
            parsed->help = true;
        else if (code == 0 && index < count) {
            const char *value = optarg ? optarg : flag_value(argc, argv);
            if (!add(parsed, table[index].name, value ? value : "YES"))
                return false;
        } else {
            return false;
        }
    }
    return true;
}

bool arguments_parse(const json_t *task, int argc, char **argv, arguments *parsed) {
    const json_t *params = json_object_get(task, "parameters");
    memset(parsed, 0, sizeof *parsed);
    struct option *table = option_table(params);
    if (!table)
        return false;
    bool good = take_options(argc, argv, table, (int)json_array_size(params), parsed);
    free(table);
    if (good && !parsed->help)
        good = place_words(task, argv + optind, argc - optind, parsed);
    if (!good)
        print_usage(stderr, task);
    return good;
}
