#include "validate/method.h"

#include <string.h>

#include "util/error.h"
#include "util/memory.h"

static const lode_method *const methods[] = {
    &lode_method_contrastive, &lode_method_resnet50, &lode_method_mobilenetv2, &lode_method_dense,

    &lode_method_logistic,    &lode_method_element,  &lode_method_sampling,
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

lode_status lode_trial_places(const lode_trial *trial, lode_places *places) {
    size_t n = trial->train_count;
    *places = (lode_places){n, lode_alloc(n, sizeof(int)), lode_alloc(n, sizeof(int)),
                            lode_alloc(n, 1), lode_alloc(n, sizeof(int))};
    if (!places->columns || !places->rows || !places->deposit || !places->block) {
        lode_places_free(places);
        return lode_fail_memory();
    }
    bool several = false;
    for (size_t i = 0; i < n; i++) {
        size_t at = trial->train[i], place = trial->run->place[at];
        places->columns[i] = trial->pool->columns[place];
        places->rows[i] = trial->pool->rows[place];
        places->deposit[i] = trial->run->deposit[at];
        places->block[i] = trial->run->block[at];
        several |= places->deposit[i] && places->block[i] != places->block[0];
    }
    for (size_t i = 0; !several && i < n; i++)
        places->block[i] = (int)i;
    return LODE_OK;
}
