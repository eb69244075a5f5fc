#include "library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define LOAD(name) (*(void **)&functions.name = dlsym(handle, "lode_" #name))

const library *library_load(void) {
    static library functions;
    /* Global, as if linked: GDAL's plugins may look for symbols of GDAL. */
    void *handle = dlopen(LODE_LIBRARY_NAME, RTLD_NOW | RTLD_GLOBAL);
    if (!handle) {
        fprintf(stderr, "lode: the library %s cannot be loaded (%s). Reinstall Lode.\n",
                LODE_LIBRARY_NAME, dlerror());
        return NULL;
    }
    if (!LOAD(version) || !LOAD(error_message) || !LOAD(free) || !LOAD(set_log) ||
        !LOAD(set_threads) || !LOAD(set_cluster) || !LOAD(task_run) ||
        strcmp(functions.version(), LODE_VERSION) != 0) {
        fprintf(stderr,
                "lode: this command is of version %s and the library %s of another. Install "
                "both from one release.\n",
                LODE_VERSION, LODE_LIBRARY_NAME);
        return NULL;
    }
    return &functions;
}
