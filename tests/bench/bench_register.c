/* bench_register.c - prints the milliseconds of processor time that registering GDAL's drivers
 * takes, the plugins of GDAL_DRIVER_PATH among them. Run by gdal_plugin.py. A program of its own:
 * in an interpreter the loader looks every symbol of a plugin up in all libraries of the
 * interpreter first. */
#include <stdio.h>
#include <time.h>

#include <gdal.h>

/* Of this thread: those of a BLAS that GDAL's libraries brought along idle meanwhile, and not
 * freely. */
static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

int main(void) {
    double start = now();
    GDALAllRegister();
    printf("%.4f\n", now() - start);
    return 0;
}
