#include "export/onnx_graph.h"

#include <string.h>

#include "onnx.pb-c.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

enum { OPSET = 13, IR_VERSION = 7 };

struct lode_onnx {
    lode_status status;
    Onnx__ModelProto model;
    Onnx__GraphProto graph;
    Onnx__OperatorSetIdProto opset;
    Onnx__OperatorSetIdProto *opsets[1];
    int names;
    void **owned; /* every allocation, for the end */
    int owned_count;
};

/* ---- Memory ------------------------------------------------------------------------------------
 */

static void *keep(lode_onnx *onnx, void *memory) {
    if (!memory)
        goto failed;
    if ((onnx->owned_count & (onnx->owned_count - 1)) == 0) { /* full at powers of two */
        size_t count = (size_t)onnx->owned_count;
        void **owned = lode_grow(onnx->owned, count, count ? 2 * count : 1, sizeof *owned);
        if (!owned) {
            lode_free(memory);
            goto failed;
        }
        onnx->owned = owned;
    }
    onnx->owned[onnx->owned_count++] = memory;
    return memory;
failed:
    if (onnx->status == LODE_OK)
        onnx->status = lode_fail_memory();
    return NULL;
}

static void *take(lode_onnx *onnx, size_t count, size_t size) {
    return onnx->status == LODE_OK ? keep(onnx, lode_alloc(count, size)) : NULL;
}

static char *text_of(lode_onnx *onnx, const char *text) {
    return onnx->status == LODE_OK ? keep(onnx, lode_strdup(text)) : NULL;
}

static char *new_name(lode_onnx *onnx, const char *stem) {
    return onnx->status == LODE_OK ? keep(onnx, lode_format("%s_%d", stem, onnx->names++)) : NULL;
}

/* Appends to a protobuf list of pointers. */
static void append(lode_onnx *onnx, size_t *count, void *list, void *item) {
    void **old = *(void ***)list;
    if ((*count & (*count - 1)) == 0) {
        void **bigger = take(onnx, *count ? 2 * *count : 1, sizeof *bigger);
        if (!bigger)
            return;
        if (*count)
            memcpy(bigger, old, *count * sizeof *bigger);
        *(void ***)list = old = bigger;
    }
    old[(*count)++] = item;
}

lode_status lode_onnx_create(lode_onnx **out) {
    lode_onnx *onnx = lode_alloc(1, sizeof *onnx);
    if (!onnx)
        return lode_fail_memory();
    onnx__model_proto__init(&onnx->model);
    onnx__graph_proto__init(&onnx->graph);
    onnx__operator_set_id_proto__init(&onnx->opset);
    onnx->model.has_ir_version = 1;
    onnx->model.ir_version = IR_VERSION;
    onnx->model.producer_name = "lode";
    onnx->model.producer_version = (char *)lode_version();
    onnx->opset.domain = "";
    onnx->opset.has_version = 1;
    onnx->opset.version = OPSET;
    onnx->opsets[0] = &onnx->opset;
    onnx->model.n_opset_import = 1;
    onnx->model.opset_import = onnx->opsets;
    onnx->graph.name = "lode";
    onnx->model.graph = &onnx->graph;
    *out = onnx;
    return LODE_OK;
}

void lode_onnx_free(lode_onnx *onnx) {
    if (!onnx)
        return;
    for (int i = 0; i < onnx->owned_count; i++)
        lode_free(onnx->owned[i]);
    lode_free(onnx->owned);
    lode_free(onnx);
}

/* ---- Constants ---------------------------------------------------------------------------------
 */

static const char *constant(lode_onnx *onnx, int type, size_t size, const void *values, int dims,
                            const int64_t *shape) {
    size_t count = 1;
    for (int i = 0; i < dims; i++)
        count *= (size_t)shape[i];
    Onnx__TensorProto *tensor = take(onnx, 1, sizeof *tensor);
    int64_t *sizes = take(onnx, dims > 0 ? (size_t)dims : 1, sizeof *sizes);
    void *copy = take(onnx, count, size);
    char *name = new_name(onnx, "constant");
    if (onnx->status != LODE_OK)
        return NULL;
    onnx__tensor_proto__init(tensor);
    memcpy(copy, values, count * size);
    for (int i = 0; i < dims; i++)
        sizes[i] = shape[i];
    tensor->name = name;
    tensor->n_dims = (size_t)dims;
    tensor->dims = sizes;
    tensor->has_data_type = 1;
    tensor->data_type = type;
    tensor->has_raw_data = 1;
    tensor->raw_data = (ProtobufCBinaryData){.len = count * size, .data = copy};
    append(onnx, &onnx->graph.n_initializer, &onnx->graph.initializer, tensor);
    return name;
}

const char *lode_onnx_floats(lode_onnx *onnx, const float *values, int dims, const int64_t *shape) {
    return constant(onnx, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, sizeof *values, values, dims,
                    shape);
}

const char *lode_onnx_float(lode_onnx *onnx, float value) {
    return lode_onnx_floats(onnx, &value, 0, NULL);
}

const char *lode_onnx_vector(lode_onnx *onnx, const float *values, int n) {
    return lode_onnx_floats(onnx, values, 1, (int64_t[]){n});
}

const char *lode_onnx_integers(lode_onnx *onnx, const int64_t *values, int n) {
    return constant(onnx, ONNX__TENSOR_PROTO__DATA_TYPE__INT64, sizeof *values, values, 1,
                    (int64_t[]){n});
}

/* ---- Nodes -------------------------------------------------------------------------------------
 */

static void add_attribute(lode_onnx *onnx, Onnx__NodeProto *node,
                          const lode_onnx_attribute *given) {
    Onnx__AttributeProto *attribute = take(onnx, 1, sizeof *attribute);
    int64_t *values = take(onnx, 4, sizeof *values);
    char *name = text_of(onnx, given->name);
    if (onnx->status != LODE_OK)
        return;
    onnx__attribute_proto__init(attribute);
    attribute->name = name;
    attribute->has_type = 1;
    if (given->count == 0) {
        attribute->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT;
        attribute->has_f = 1;
        attribute->f = given->real;
    } else if (given->scalar) {
        attribute->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
        attribute->has_i = 1;
        attribute->i = given->value[0];
    } else {
        attribute->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS;
        memcpy(values, given->value, (size_t)given->count * sizeof *values);
        attribute->n_ints = (size_t)given->count;
        attribute->ints = values;
    }
    append(onnx, &node->n_attribute, &node->attribute, attribute);
}

const char *lode_onnx_node(lode_onnx *onnx, const char *operator, const char * const inputs[4],
                           const lode_onnx_attribute *attributes) {
    Onnx__NodeProto *node = take(onnx, 1, sizeof *node);
    char *output = new_name(onnx, operator), *kind = text_of(onnx, operator);
    if (onnx->status != LODE_OK)
        return NULL;
    onnx__node_proto__init(node);
    node->op_type = kind;
    node->name = output;
    for (int i = 0; i < 4 && inputs[i]; i++)
        append(onnx, &node->n_input, &node->input, text_of(onnx, inputs[i]));
    append(onnx, &node->n_output, &node->output, output);
    for (; attributes && attributes->name; attributes++)
        add_attribute(onnx, node, attributes);
    append(onnx, &onnx->graph.n_node, &onnx->graph.node, node);
    return onnx->status == LODE_OK ? output : NULL;
}

const char *lode_onnx_unary(lode_onnx *onnx, const char *operator, const char * a) {
    return lode_onnx_node(onnx, operator,(const char *[4]){a}, NULL);
}

const char *lode_onnx_binary(lode_onnx *onnx, const char *operator, const char * a, const char *b) {
    return lode_onnx_node(onnx, operator,(const char *[4]){a, b}, NULL);
}

const char *lode_onnx_to_float(lode_onnx *onnx, const char *a) {
    return lode_onnx_node(
        onnx, "Cast", (const char *[4]){a},
        (lode_onnx_attribute[]){LODE_ONNX_INTEGER("to", ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT),
                                {.name = NULL}});
}

const char *lode_onnx_join(lode_onnx *onnx, const char *a, const char *b, int axis) {
    if (!a)
        return b;
    return lode_onnx_node(onnx, "Concat", (const char *[4]){a, b},
                          (lode_onnx_attribute[]){LODE_ONNX_INTEGER("axis", axis), {.name = NULL}});
}

const char *lode_onnx_crop(lode_onnx *onnx, const char *x, int margin) {
    if (margin == 0)
        return x;
    const int64_t start[2] = {margin, margin}, end[2] = {-margin, -margin}, axes[2] = {2, 3};
    return lode_onnx_node(onnx, "Slice",
                          (const char *[4]){x, lode_onnx_integers(onnx, start, 2),
                                            lode_onnx_integers(onnx, end, 2),
                                            lode_onnx_integers(onnx, axes, 2)},
                          NULL);
}

/* ---- Inputs, outputs, file ---------------------------------------------------------------------
 */

static Onnx__ValueInfoProto *value_info(lode_onnx *onnx, const char *name,
                                        const lode_onnx_size *shape, int dims) {
    Onnx__ValueInfoProto *info = take(onnx, 1, sizeof *info);
    Onnx__TypeProto *type = take(onnx, 1, sizeof *type);
    Onnx__TypeProto__Tensor *tensor = take(onnx, 1, sizeof *tensor);
    Onnx__TensorShapeProto *sizes = take(onnx, 1, sizeof *sizes);
    char *copy = text_of(onnx, name);
    if (onnx->status != LODE_OK)
        return NULL;
    onnx__value_info_proto__init(info);
    onnx__type_proto__init(type);
    onnx__type_proto__tensor__init(tensor);
    onnx__tensor_shape_proto__init(sizes);
    info->name = copy;
    info->type = type;
    type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type->tensor_type = tensor;
    tensor->has_elem_type = 1;
    tensor->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    tensor->shape = sizes;
    for (int i = 0; i < dims; i++) {
        Onnx__TensorShapeProto__Dimension *size = take(onnx, 1, sizeof *size);
        if (!size)
            return NULL;
        onnx__tensor_shape_proto__dimension__init(size);
        if (shape[i].name) {
            size->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
            size->dim_param = text_of(onnx, shape[i].name);
        } else {
            size->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
            size->dim_value = shape[i].value;
        }
        append(onnx, &sizes->n_dim, &sizes->dim, size);
    }
    return info;
}

void lode_onnx_input(lode_onnx *onnx, const char *name, const lode_onnx_size shape[4], int dims) {
    Onnx__ValueInfoProto *info = value_info(onnx, name, shape, dims);
    if (onnx->status == LODE_OK)
        append(onnx, &onnx->graph.n_input, &onnx->graph.input, info);
}

void lode_onnx_output(lode_onnx *onnx, const char *name, const char *value,
                      const lode_onnx_size shape[4], int dims) {
    lode_onnx_unary(onnx, "Identity", value);
    Onnx__ValueInfoProto *info = value_info(onnx, name, shape, dims);
    char *copy = text_of(onnx, name);
    if (onnx->status != LODE_OK)
        return;
    onnx->graph.node[onnx->graph.n_node - 1]->output[0] = copy;
    append(onnx, &onnx->graph.n_output, &onnx->graph.output, info);
}

void lode_onnx_metadata(lode_onnx *onnx, const char *key, const char *text) {
    Onnx__StringStringEntryProto *entry = take(onnx, 1, sizeof *entry);
    char *name = text_of(onnx, key), *value = text_of(onnx, text);
    if (onnx->status != LODE_OK)
        return;
    onnx__string_string_entry_proto__init(entry);
    entry->key = name;
    entry->value = value;
    append(onnx, &onnx->model.n_metadata_props, &onnx->model.metadata_props, entry);
}

lode_status lode_onnx_write(lode_onnx *onnx, const char *path) {
    if (onnx->status != LODE_OK)
        return onnx->status;
    size_t size = onnx__model_proto__get_packed_size(&onnx->model);
    if (size >= (size_t)INT32_MAX)
        return lode_fail(LODE_ERROR_DATA, "The model is too large for an ONNX file (2 GB).");
    uint8_t *bytes = lode_alloc(size, 1);
    if (!bytes)
        return lode_fail_memory();
    onnx__model_proto__pack(&onnx->model, bytes);
    lode_status status = lode_file_write(path, bytes, size);
    lode_free(bytes);
    return status;
}
