#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "help.h"
#include "lode/lode.h"

const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* Prints text in lines of at most 90 columns, the first after `column` characters. */
static void print_wrapped(const char *text, int indent, int column) {
    int width = 90;
    while (*text) {
        size_t word = strcspn(text, " \n");
        if (column > indent && column + 1 + (int)word > width) {
            printf("\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        } else if (column < indent) {
            printf("%*s", indent - column, "");
            column = indent;
        }
        printf("%.*s", (int)word, text);
        column += (int)word;
        text += word;
        if (strncmp(text, "\n\n", 2) == 0) {
            printf("\n\n%*s", indent, "");
            column = indent;
        }
        text += strspn(text, " \n");
    }
    putchar('\n');
}

void print_usage(FILE *out, const json_t *task) {
    fprintf(out, "Usage: lode %s [options]", text_of(task, "name"));
    size_t i;
    json_t *param;
    json_array_foreach(json_object_get(task, "parameters"), i, param) {
        if (!json_is_true(json_object_get(param, "positional")))
            continue;
        bool required = json_is_true(json_object_get(param, "required"));
        const char *kind = text_of(param, "kind");
        bool many = json_is_true(json_object_get(param, "multiple")) || !strcmp(kind, "stack") ||
                    !strcmp(kind, "rasters");
        fputs(required ? " " : " [", out);
        for (const char *c = text_of(param, "name"); *c; c++)
            fputc(*c == '-' ? '_' : toupper((unsigned char)*c), out);
        fputs(many ? "..." : "", out);
        fputs(required ? "" : "]", out);
    }
    fputc('\n', out);
}

/* " One of: idw (Inverse distance weighting) | kriging ...": a label only where it says more than
 * the word that is typed. Returns the length, which may exceed size as with snprintf. */
static size_t write_choices(const json_t *param, char *text, size_t size) {
    const json_t *labels = json_object_get(param, "choice_labels");
    size_t used = 0, i;
    json_t *choice;
    json_array_foreach(json_object_get(param, "choices"), i, choice) {
        const char *word = json_string_value(choice),
                   *label = json_string_value(json_array_get(labels, i));
        bool same = !label || strcasecmp(word, label) == 0;
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s%s%s%s", i ? " | " : " One of: ", word,
                             same ? "" : " (", same ? "" : label, same ? "" : ")");
        if (used >= size)
            return used;
    }
    return used;
}

static void print_facts(const json_t *param) {
    char facts[2048] = "";
    size_t used = write_choices(param, facts, sizeof facts);
    if (used >= sizeof facts)
        return;
    const json_t *low = json_object_get(param, "minimum"),
                 *high = json_object_get(param, "maximum");
    const char *unit = text_of(param, "unit"), *initial = text_of(param, "default");
    if (strcmp(text_of(param, "kind"), "boolean") == 0)
        used += (size_t)snprintf(facts + used, sizeof facts - used, " YES or NO; alone YES.");
    if (json_is_number(low))
        used += (size_t)snprintf(facts + used, sizeof facts - used, " Range: %.10g to %.10g%s%s.",
                                 json_number_value(low), json_number_value(high),
                                 unit[0] ? " " : "", unit);
    else if (unit[0])
        used += (size_t)snprintf(facts + used, sizeof facts - used, " Unit: %s.", unit);
    if (used < sizeof facts && initial[0])
        snprintf(facts + used, sizeof facts - used, "%s Default: %s.",
                 json_array_size(json_object_get(param, "choices")) ? "." : "", initial);
    if (facts[0])
        print_wrapped(facts + 1, 26, 0);
}

static void print_params(const json_t *task, bool positional, const char *heading) {
    size_t i;
    json_t *param;
    bool first = true;
    json_array_foreach(json_object_get(task, "parameters"), i, param) {
        if (json_is_true(json_object_get(param, "positional")) != positional)
            continue;
        if (first)
            printf("\n%s\n", heading);
        first = false;
        char name[80];
        snprintf(name, sizeof name, "  %s%s", positional ? "" : "--", text_of(param, "name"));
        printf("%s", name);
        int column = (int)strlen(name);
        if (column >= 25) {
            putchar('\n');
            column = 0;
        }
        print_wrapped(text_of(param, "help"), 26, column);
        print_facts(param);
    }
}

void print_task_help(const json_t *task) {
    printf("lode %s - %s\n\n", text_of(task, "name"), text_of(task, "summary"));
    print_usage(stdout, task);
    putchar('\n');
    print_wrapped(text_of(task, "help"), 0, 0);
    print_params(task, true, "Arguments");
    print_params(task, false, "Options");
    printf("\nOptions of every task\n"
           "  --json FILE             Write what the task measured as JSON; - is standard output.\n"
           "  -q, --quiet             No progress bar, no messages but warnings and errors.\n"
           "  --debug                 More messages.\n"
           "  -h, --help              This text.\n");
}

void print_task_list(const json_t *tasks) {
    const char *group = "";
    size_t i;
    json_t *task;
    json_array_foreach(tasks, i, task) {
        if (strcmp(group, text_of(task, "group")) != 0)
            printf("\n%s\n", group = text_of(task, "group"));
        printf("  %-12s %s\n", text_of(task, "name"), text_of(task, "summary"));
    }
}

void print_overview(const json_t *tasks) {
    printf("lode %s - mineral prospectivity from geochemical rasters\n\n"
           "Usage: lode TASK [options] INPUT... OUTPUT\n",
           LODE_VERSION);
    print_task_list(tasks);
    printf("\n  lode TASK --help        Arguments and options of a task.\n"
           "  lode tasks --json       The whole registry for programs.\n"
           "  lode --version          The version.\n");
}
