#include "lode_chain.h"

#include <string.h>

#include <cpl_error.h>

static _Thread_local lode_chain at_work;

bool lode_chain_check(const char *name) {
    bool cycle = at_work.depth == LODE_DEEPEST_CHAIN;
    for (int i = 0; i < at_work.depth; i++)
        cycle = cycle || strcmp(at_work.names[i], name) == 0;
    if (cycle)
        CPLError(
            CE_Failure, CPLE_AppDefined,
            "LODE: '%s' reads itself through its stack. Name a stack of measured values in it.",
            name);
    return !cycle;
}

bool lode_chain_enter(const char *name) {
    bool good = lode_chain_check(name);
    if (good)
        at_work.names[at_work.depth++] = name;
    return good;
}

void lode_chain_leave(void) {
    at_work.depth--;
}

lode_chain lode_chain_get(void) {
    return at_work;
}

void lode_chain_set(const lode_chain *chain) {
    at_work = *chain;
}
