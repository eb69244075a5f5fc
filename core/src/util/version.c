#include "lode/lode.h"

const char *lode_version(void) {
    return LODE_VERSION;
}

int lode_abi(void) {
    return LODE_ABI;
}
