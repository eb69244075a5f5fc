#include "cluster.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launch.h"

static const lode_mpi *mpi; /* NULL when alone */
static lode_cluster cluster;

static int number_of(const char *const *names) {
    for (; *names; names++)
        if (getenv(*names))
            return atoi(getenv(*names));
    return -1;
}

/* As set by Open MPI's mpirun, by MPICH's and by srun. A batch script itself, outside srun, has
 * none of them. LODE_MPI=off is for a plain lode inside another MPI program's job. */
static int launched_size(void) {
    static const char *const sizes[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS",
                                        NULL};
    const char *wanted = getenv("LODE_MPI");
    return wanted && strcmp(wanted, "off") == 0 ? 1 : number_of(sizes);
}

int cluster_rank(void) {
    static const char *const ranks[] = {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK",
                                        "SLURM_PROCID", NULL};
    int rank = launched_size() > 1 ? number_of(ranks) : 0;
    return rank > 0 ? rank : 0;
}

static int errors = -1; /* where standard error went before */

void cluster_hush(void) {
    int nowhere = cluster_rank() > 0 ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    if (nowhere < 0)
        return;
    errors = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
}

void cluster_speak(void) {
    if (errors < 0)
        return;
    dup2(errors, STDERR_FILENO);
    close(errors);
    errors = -1;
}

/* The module lies beside liblode: ../LIBDIR/lode from the command's folder, as installed and in the
 * build folder. */
static void *load_module(void) {
    char self[PATH_MAX], path[PATH_MAX + 64];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0)
        return NULL;
    self[length] = '\0';
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = '\0';
    snprintf(path, sizeof path, "%s/%s", self, LODE_MPI_MODULE);
    /* Global, because Open MPI's own plugins look up its symbols. */
    return dlopen(path, RTLD_NOW | RTLD_GLOBAL);
}

bool cluster_join(const library *lode) {
    if (launched_size() <= 1)
        return true;
    void *module = load_module();
    const lode_mpi *found = module ? dlsym(module, "lode_mpi_module") : NULL;
    int threads = 0;
    if (!found) {
        if (cluster_rank() == 0)
            fprintf(stderr,
                    "lode: started as one of %d processes, but this lode has no MPI (%s). Install "
                    "the package lode-mpi, build with -DLODE_MPI=ON, or set LODE_MPI=off to let "
                    "every process work alone.\n",
                    launched_size(), module ? "no such symbol" : dlerror());
        return false;
    }
    if (!found->start(&cluster, &threads)) {
        fprintf(stderr, "lode: MPI could not be started.\n");
        return false;
    }
    if (cluster.size != launched_size()) {
        fprintf(stderr,
                "lode: one of %d processes, but MPI knows of %d. With srun, say --mpi=pmix; set "
                "LODE_MPI=off to let every process work alone.\n",
                launched_size(), cluster.size);
        return false;
    }
    mpi = found;
    lode->set_threads(threads);
    lode->set_cluster(&cluster);
    return true;
}

bool cluster_stopped(void) {
    return mpi && mpi->stopped();
}

void cluster_leave(bool success, const char *text, int code) {
    if (mpi && success)
        mpi->finish();
    else if (mpi)
        mpi->fail(text, code);
    else if (text)
        fprintf(stderr, "%s\n", text);
}
