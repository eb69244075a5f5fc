#include "lode_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_vsi.h>

/* LODE_SONAME comes from the build: "liblode.so.0". */

static lode_library library;
static bool loaded;
static char problem[1024];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static bool resolve(void *handle, const char *name, void *slot) {
    void *symbol = dlsym(handle, name);
    memcpy(slot, &symbol, sizeof symbol);
    if (!symbol)
        snprintf(problem, sizeof problem, "it lacks the function %s", name);
    return symbol != NULL;
}

static bool resolve_all(void *handle) {
    if (!resolve(handle, "lode_abi", &library.abi))
        return false;
    if (library.abi() != LODE_ABI) {
        snprintf(problem, sizeof problem, "its interface is version %d and this plugin needs %d",
                 library.abi(), LODE_ABI);
        return false;
    }
#define LODE_LIBRARY_RESOLVE(name)                                                                 \
    if (!resolve(handle, "lode_" #name, &library.name))                                            \
        return false;
    LODE_LIBRARY_SYMBOLS(LODE_LIBRARY_RESOLVE)
#undef LODE_LIBRARY_RESOLVE
    return true;
}

/* Tries one file; a file that is not there leaves `problem` as it was. */
static bool try_file(const char *path) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        const char *reason = dlerror();
        snprintf(problem, sizeof problem, "%s", reason ? reason : "it cannot be loaded");
        return false;
    }
    if (!resolve_all(handle)) {
        dlclose(handle);
        return false;
    }
    CPLDebug("LODE", "liblode %s from %s", library.version(), path);
    return true;
}

/* liblode in the plugin's own folder (levels 0) or the one above (levels 1). */
static bool try_near_plugin(int levels, char *tried, size_t size) {
    Dl_info self;
    char path[4096];
    if (!dladdr((const void *)&lode_library_get, &self) || !self.dli_fname)
        return false;
    const char *folder = CPLGetDirname(self.dli_fname);
    snprintf(path, sizeof path, "%s%s/%s", folder, levels ? "/.." : "", LODE_SONAME);
    VSIStatBufL info;
    if (VSIStatL(path, &info) != 0)
        return false;
    snprintf(tried, size, "%s", path);
    return try_file(path);
}

static bool load(void) {
    char tried[4096] = LODE_SONAME;
    const char *chosen = CPLGetConfigOption("LODE_LIBRARY", NULL);
    bool good;
    if (chosen && chosen[0]) {
        snprintf(tried, sizeof tried, "%s", chosen);
        good = try_file(chosen);
    } else {
        good = try_near_plugin(0, tried, sizeof tried) || try_near_plugin(1, tried, sizeof tried) ||
               try_file(LODE_SONAME);
    }
    if (!good)
        CPLError(CE_Failure, CPLE_AppDefined,
                 "LODE: cannot use the library '%s': %s. Install liblode, or name its file in the "
                 "configuration option or environment variable LODE_LIBRARY.",
                 tried, problem);
    return good;
}

const lode_library *lode_library_get(void) {
    pthread_mutex_lock(&mutex);
    if (!loaded)
        loaded = load();
    bool good = loaded;
    pthread_mutex_unlock(&mutex);
    return good ? &library : NULL;
}
