#include "task/args.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/error.h"
#include "util/memory.h"

typedef struct values {
    char **items; /* NULL-terminated */
    int count;
    bool given;
} values;

struct lode_args {
    const lode_task *task;
    values *values; /* one for each parameter of the task */
    int params;
    json_t *result;
    char *command;
};

static const lode_param *find_param(const lode_task *task, const char *name, size_t length,
                                    int *index) {
    for (int i = 0; task->params[i].name; i++) {
        const lode_param *param = &task->params[i];
        if (strlen(param->name) == length && strncmp(param->name, name, length) == 0) {
            *index = i;
            return param;
        }
    }
    return NULL;
}

/* A number with nothing behind it but `suffix` characters handled by the caller. */
static bool parse_number(const char *text, double *number, const char **rest) {
    char *end;
    *number = strtod(text, &end);
    *rest = end;
    return end != text && isfinite(*number);
}

static bool parse_metres(const char *text, double *metres) {
    const char *unit;
    if (!parse_number(text, metres, &unit))
        return false;
    while (*unit == ' ')
        unit++;
    if (strcasecmp(unit, "km") == 0)
        *metres *= 1000;
    else if (unit[0] && strcasecmp(unit, "m") != 0)
        return false;
    return true;
}

static bool parse_flag(const char *text, bool *flag) {
    static const char *const yes[] = {"YES", "TRUE", "ON", "1"}, *const no[] = {"NO", "FALSE",
                                                                                "OFF", "0"};
    for (int i = 0; i < 4; i++) {
        if (strcasecmp(text, yes[i]) == 0)
            return *flag = true, true;
        if (strcasecmp(text, no[i]) == 0)
            return *flag = false, true;
    }
    return false;
}

static bool in_list(const char *list, const char *item, size_t length) {
    for (const char *at = list; at && *at;) {
        size_t n = strcspn(at, ",");
        if (n == length && strncmp(at, item, n) == 0)
            return true;
        at += n + (at[n] == ',');
    }
    return false;
}

static lode_status check_range(const lode_param *param, double number, const char *text) {
    bool limited = param->minimum != 0 || param->maximum != 0;
    if (limited && (number < param->minimum || number > param->maximum))
        return lode_fail(LODE_ERROR_USAGE, "--%s %s: must lie between %.10g and %.10g%s%s.",
                         param->name, text, param->minimum, param->maximum, param->unit ? " " : "",
                         param->unit ? param->unit : "");
    return LODE_OK;
}

static lode_status check_choices(const lode_param *param, const char *text) {
    for (const char *at = text; *at;) {
        size_t n = param->kind == LODE_KIND_CHOICES ? strcspn(at, ",") : strlen(at);
        if (!in_list(param->choices, at, n))
            return lode_fail(LODE_ERROR_USAGE, "--%s: '%.*s' is not one of %s.", param->name,
                             (int)n, at, param->choices);
        at += n + (at[n] == ',');
    }
    return LODE_OK;
}

static lode_status check_value(const lode_param *param, const char *text) {
    double number;
    bool flag;
    const char *rest;
    switch (param->kind) {
    case LODE_KIND_NUMBER:
    case LODE_KIND_INTEGER:
        if (!parse_number(text, &number, &rest) || *rest ||
            (param->kind == LODE_KIND_INTEGER && number != floor(number)))
            return lode_fail(LODE_ERROR_USAGE, "--%s: '%s' is not %s number.", param->name, text,
                             param->kind == LODE_KIND_INTEGER ? "a whole" : "a");
        return check_range(param, number, text);
    case LODE_KIND_DISTANCE:
        if (!parse_metres(text, &number))
            return lode_fail(
                LODE_ERROR_USAGE,
                "--%s: '%s' is not a distance; write metres (500) or kilometres (2km).",
                param->name, text);
        return check_range(param, number, text);
    case LODE_KIND_BOOLEAN:
        if (!parse_flag(text, &flag))
            return lode_fail(LODE_ERROR_USAGE, "--%s: '%s' is neither YES nor NO.", param->name,
                             text);
        return LODE_OK;
    case LODE_KIND_CHOICE:
    case LODE_KIND_CHOICES:
        return check_choices(param, text);
    default:
        return LODE_OK;
    }
}

static lode_status add_value(values *list, const char *text) {
    char **items = lode_alloc((size_t)list->count + 2, sizeof *items);
    char *copy = lode_strdup(text);
    if (!items || !copy) {
        lode_free(items);
        lode_free(copy);
        return lode_fail_memory();
    }
    if (list->items)
        memcpy(items, list->items, (size_t)list->count * sizeof *items);
    lode_free(list->items);
    list->items = items;
    list->items[list->count++] = copy;
    return LODE_OK;
}

static bool repeatable(const lode_param *param) {
    return (param->flags & LODE_MULTIPLE) || param->kind == LODE_KIND_STACK ||
           param->kind == LODE_KIND_RASTERS;
}

static lode_status take_option(lode_args *args, const char *option) {
    size_t length = strcspn(option, "=");
    int index;
    const lode_param *param = find_param(args->task, option, length, &index);
    if (!param)
        return lode_fail(LODE_ERROR_USAGE,
                         "'%s' has no option '%.*s'. 'lode %s --help' lists the options.",
                         args->task->name, (int)length, option, args->task->name);
    const char *text = option[length] == '=' ? option + length + 1 : "YES";
    if (text[0] == '\0' && !(param->flags & LODE_REQUIRED))
        return LODE_OK; /* an empty value means "use the default", as dialogs send it */
    LODE_TRY(check_value(param, text));
    if (args->values[index].count > 0 && !repeatable(param))
        return lode_fail(LODE_ERROR_USAGE, "--%s is given more than once.", param->name);
    args->values[index].given = true;
    return add_value(&args->values[index], text);
}

static lode_status complete(lode_args *args) {
    for (int i = 0; i < args->params; i++) {
        const lode_param *param = &args->task->params[i];
        if (args->values[i].count > 0)
            continue;
        if (param->flags & LODE_REQUIRED)
            return lode_fail(LODE_ERROR_USAGE, "'%s' needs %s%s (%s).", args->task->name,
                             param->flags & LODE_POSITIONAL ? "" : "--", param->name, param->label);
        if (param->initial && param->initial[0])
            LODE_TRY(add_value(&args->values[i], param->initial));
    }
    return LODE_OK;
}

/* Quotes a word for a POSIX shell when it needs it. */
static char *append_word(char *line, const char *prefix, const char *word) {
    bool plain = word[0] && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789_-./:,=+@%") == strlen(word);
    char *quoted = lode_alloc(4 * strlen(word) + 3, 1);
    if (!line || !quoted) {
        lode_free(line);
        lode_free(quoted);
        return NULL;
    }
    char *out = quoted;
    if (!plain)
        *out++ = '\'';
    for (const char *in = word; *in; in++) {
        if (*in == '\'') {
            memcpy(out, "'\\''", 4);
            out += 4;
        } else {
            *out++ = *in;
        }
    }
    if (!plain)
        *out++ = '\'';
    char *longer = lode_format("%s %s%s", line, prefix, quoted);
    lode_free(line);
    lode_free(quoted);
    return longer;
}

static lode_status compose_command(lode_args *args) {
    char *line = lode_format("lode %s", args->task->name);
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < args->params; i++) {
            const lode_param *param = &args->task->params[i];
            bool positional = param->flags & LODE_POSITIONAL;
            if (positional != (pass == 1) || !args->values[i].given)
                continue;
            char prefix[80] = "";
            if (!positional)
                snprintf(prefix, sizeof prefix, "--%s ", param->name);
            for (int k = 0; k < args->values[i].count; k++)
                line = append_word(line, prefix, args->values[i].items[k]);
        }
    }
    args->command = line;
    return line ? LODE_OK : lode_fail_memory();
}

static lode_status fill(lode_args *args, const char *const *options) {
    for (int i = 0; options && options[i]; i++)
        LODE_TRY(take_option(args, options[i]));
    LODE_TRY(complete(args));
    return compose_command(args);
}

lode_status lode_args_create(const lode_task *task, const char *const *options, lode_args **args) {
    lode_args *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->task = task;
    while (task->params[made->params].name)
        made->params++;
    made->values = lode_alloc((size_t)made->params, sizeof *made->values);
    made->result = json_object();
    lode_status status = made->values && made->result ? fill(made, options) : lode_fail_memory();
    if (status != LODE_OK) {
        lode_args_free(made);
        return status;
    }
    *args = made;
    return LODE_OK;
}

void lode_args_free(lode_args *args) {
    if (!args)
        return;
    for (int i = 0; args->values && i < args->params; i++) {
        for (int k = 0; k < args->values[i].count; k++)
            lode_free(args->values[i].items[k]);
        lode_free(args->values[i].items);
    }
    lode_free(args->values);
    lode_free(args->command);
    json_decref(args->result);
    lode_free(args);
}

static const values *find_values(const lode_args *args, const char *name) {
    static const values none;
    int index;
    return find_param(args->task, name, strlen(name), &index) ? &args->values[index] : &none;
}

const char *lode_arg(const lode_args *args, const char *name) {
    const values *list = find_values(args, name);
    return list->count > 0 ? list->items[0] : NULL;
}

bool lode_arg_given(const lode_args *args, const char *name) {
    return find_values(args, name)->given;
}

const char *const *lode_arg_list(const lode_args *args, const char *name, int *count) {
    static const char *const empty[] = {NULL};
    const values *list = find_values(args, name);
    if (count)
        *count = list->count;
    return list->count > 0 ? (const char *const *)list->items : empty;
}

double lode_arg_number(const lode_args *args, const char *name) {
    const char *text = lode_arg(args, name);
    return text ? strtod(text, NULL) : 0;
}

int64_t lode_arg_integer(const lode_args *args, const char *name) {
    return (int64_t)lode_arg_number(args, name);
}

bool lode_arg_flag(const lode_args *args, const char *name) {
    const char *text = lode_arg(args, name);
    bool flag = false;
    return text && parse_flag(text, &flag) && flag;
}

double lode_arg_metres(const lode_args *args, const char *name) {
    const char *text = lode_arg(args, name);
    double metres;
    return text && parse_metres(text, &metres) ? metres : -1;
}

json_t *lode_arg_result(const lode_args *args) {
    return args->result;
}

const char *lode_arg_command(const lode_args *args) {
    return args->command;
}
