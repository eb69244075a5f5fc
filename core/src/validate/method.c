#include "validate/method.h"

#include <string.h>

static const lode_method *const methods[] = {
    &lode_method_contrastive,
    &lode_method_logistic,
    &lode_method_element,
    &lode_method_sampling,
};
enum { METHODS = sizeof methods / sizeof methods[0] };

const lode_method *lode_method_at(int index) {
    return index >= 0 && index < METHODS ? methods[index] : NULL;
}

const lode_method *lode_method_find(const char *name) {
    for (int i = 0; i < METHODS; i++)
        if (strcmp(methods[i]->name, name) == 0)
            return methods[i];
    return NULL;
}
