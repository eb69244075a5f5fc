/* bench_empty_plugin.c - a GDAL plugin without a driver: the yardstick of gdal_plugin.py. */
#include <cpl_port.h>

CPL_DLL void GDALRegister_EMPTY(void);

void GDALRegister_EMPTY(void) {}
