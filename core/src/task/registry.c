/* registry.c - finds tasks and describes them as JSON. */
#include <stdlib.h>
#include <string.h>

#include "task/task.h"
#include "util/error.h"
#include "util/memory.h"

/* task_table.h is written by CMake from LODE_TASKS: LODE_TASK(stack) LODE_TASK(pretrain) ... */
#define LODE_TASK(name) extern const lode_task lode_task_##name;
#include "task_table.h"
#undef LODE_TASK

static const lode_task *const tasks[] = {
#define LODE_TASK(name) &lode_task_##name,
#include "task_table.h"
#undef LODE_TASK
};

static const char *const kind_names[] = {
    [LODE_KIND_STACK] = "stack",
    [LODE_KIND_RASTERS] = "rasters",
    [LODE_KIND_POINTS] = "points",
    [LODE_KIND_VECTORS] = "vectors",
    [LODE_KIND_FIELD] = "field",
    [LODE_KIND_FIELDS] = "fields",
    [LODE_KIND_MODEL] = "model",
    [LODE_KIND_FILE] = "file",
    [LODE_KIND_MODEL_OUT] = "model-out",
    [LODE_KIND_RASTER_OUT] = "raster-out",
    [LODE_KIND_VECTOR_OUT] = "vector-out",
    [LODE_KIND_HTML_OUT] = "html-out",
    [LODE_KIND_JSON_OUT] = "json-out",
    [LODE_KIND_FILE_OUT] = "file-out",
    [LODE_KIND_FOLDER_OUT] = "folder-out",
    [LODE_KIND_NUMBER] = "number",
    [LODE_KIND_INTEGER] = "integer",
    [LODE_KIND_BOOLEAN] = "boolean",
    [LODE_KIND_CHOICE] = "choice",
    [LODE_KIND_CHOICES] = "choices",
    [LODE_KIND_DISTANCE] = "distance",
    [LODE_KIND_CRS] = "crs",
    [LODE_KIND_EXTENT] = "extent",
    [LODE_KIND_EXPRESSION] = "expression",
    [LODE_KIND_TEXT] = "text",
};

const char *lode_kind_name(lode_kind kind) {
    return kind_names[kind];
}

const lode_task *lode_task_at(int index) {
    int count = (int)(sizeof tasks / sizeof tasks[0]);
    return index >= 0 && index < count ? tasks[index] : NULL;
}

const lode_task *lode_task_find(const char *name) {
    for (int i = 0; lode_task_at(i); i++)
        if (strcmp(tasks[i]->name, name) == 0)
            return tasks[i];
    return NULL;
}

static json_t *text_or_null(const char *text) {
    return text ? json_string(text) : json_null();
}

/* The parts of a text between separators, as an array. */
static json_t *parts_json(const char *text, const char *separator) {
    json_t *list = json_array();
    for (const char *at = text; at && *at;) {
        size_t length = strcspn(at, separator);
        json_array_append_new(list, json_stringn(at, length));
        at += length + (at[length] != '\0');
    }
    return list;
}

static json_t *param_json(const lode_param *param) {
    json_t *json = json_object();
    json_object_set_new(json, "name", json_string(param->name));
    json_object_set_new(json, "kind", json_string(lode_kind_name(param->kind)));
    json_object_set_new(json, "label", text_or_null(param->label));
    json_object_set_new(json, "help", text_or_null(param->help));
    json_object_set_new(json, "default", text_or_null(param->initial));
    bool limited = param->minimum != 0 || param->maximum != 0;
    json_object_set_new(json, "minimum", limited ? json_real(param->minimum) : json_null());
    json_object_set_new(json, "maximum", limited ? json_real(param->maximum) : json_null());
    json_object_set_new(json, "unit", text_or_null(param->unit));
    json_object_set_new(json, "choices", parts_json(param->choices, ","));
    json_object_set_new(
        json, "choice_labels",
        parts_json(param->labels ? param->labels : param->choices, param->labels ? "|" : ","));
    json_object_set_new(json, "of", text_or_null(param->of));
    json_object_set_new(json, "extension", text_or_null(param->extension));
    json_object_set_new(json, "positional", json_boolean(param->flags & LODE_POSITIONAL));
    json_object_set_new(json, "required", json_boolean(param->flags & LODE_REQUIRED));
    json_object_set_new(json, "multiple", json_boolean(param->flags & LODE_MULTIPLE));
    json_object_set_new(json, "advanced", json_boolean(param->flags & LODE_ADVANCED));
    return json;
}

static json_t *products_json(const lode_product *products) {
    json_t *list = json_array();
    for (const lode_product *product = products; product && product->name; product++) {
        json_t *json = json_object();
        json_object_set_new(json, "name", json_string(product->name));
        json_object_set_new(json, "kind", json_string(lode_kind_name(product->kind)));
        json_object_set_new(json, "label", json_string(product->label));
        json_object_set_new(json, "file", json_string(product->file));
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *task_json(const lode_task *task) {
    json_t *json = json_object(), *params = json_array();
    json_object_set_new(json, "name", json_string(task->name));
    json_object_set_new(json, "title", json_string(task->title));
    json_object_set_new(json, "group", json_string(task->group));
    json_object_set_new(json, "summary", json_string(task->summary));
    json_object_set_new(json, "help", json_string(task->help));
    for (const lode_param *param = task->params; param->name; param++)
        json_array_append_new(params, param_json(param));
    json_object_set_new(json, "parameters", params);
    json_object_set_new(json, "products", products_json(task->products));
    return json;
}

lode_status lode_tasks_json(char **json) {
    json_t *root = json_object(), *list = json_array();
    json_object_set_new(root, "lode", json_string(lode_version()));
    for (int i = 0; lode_task_at(i); i++)
        json_array_append_new(list, task_json(lode_task_at(i)));
    json_object_set_new(root, "tasks", list);
    char *text = json_dumps(root, JSON_INDENT(1));
    json_decref(root);
    char *copy = text ? lode_strdup(text) : NULL;
    free(text);
    if (!copy)
        return lode_fail_memory();
    *json = copy;
    return LODE_OK;
}
