#include "picture/picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>
#include <ogr_srs_api.h>

#include "picture/canvas.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

static const lode_colour ink = {0x26, 0x2a, 0x33}, pale = {0xe4, 0xe6, 0xea},
                         white = {255, 255, 255}, orange = {0xff, 0x6b, 0x35};

/* The band at the resolution of the picture, and where it goes. */
typedef struct sheet {
    const lode_picture *picture;
    const lode_grid *grid;
    double cell_metres;
    int width, height; /* of the map, pixels */
    int left, top;     /* of the map on the canvas */
    bool upside_down;  /* row 0 of the raster lies in the south */
    double unit;       /* 1 in a picture 1,000 pixels wide */
    float *values;     /* [height][width], NaN = no data, row 0 in the north */
    float *sorted;     /* the values that are data, ascending */
    size_t count;
    double low, high;
} sheet;

/* ---- Values
 * --------------------------------------------------------------------------------------- */

/* Height over width of a cell on the ground. */
static double cell_aspect(const lode_grid *grid) {
    const double *t = grid->transform;
    double aspect = hypot(t[2], t[5]) / hypot(t[1], t[4]);
    OGRSpatialReferenceH crs = grid->crs[0] ? OSRNewSpatialReference(grid->crs) : NULL;
    if (crs && OSRIsGeographic(crs)) {
        double east, north;
        lode_grid_to_map(grid, grid->width / 2.0, grid->height / 2.0, &east, &north);
        aspect /= fmax(cos(north * 3.14159265358979 / 180), 0.05);
    }
    OSRDestroySpatialReference(crs);
    return aspect;
}

/* Reads the band averaged down, but never up: cells stay visible as cells. */
static lode_status read_values(GDALDatasetH dataset, int band, int width, int height,
                               float *values) {
    GDALRasterBandH handle = GDALGetRasterBand(dataset, band + 1);
    GDALRasterIOExtraArg how;
    INIT_RASTERIO_EXTRA_ARG(how);
    how.eResampleAlg = GRIORA_Average;
    int found;
    double nodata = GDALGetRasterNoDataValue(handle, &found);
    if (GDALRasterIOEx(handle, GF_Read, 0, 0, GDALGetRasterXSize(dataset),
                       GDALGetRasterYSize(dataset), values, width, height, GDT_Float32, 0, 0,
                       &how) != CE_None)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot read '%s'.", GDALGetDescription(dataset));
    for (size_t i = 0, n = (size_t)width * (size_t)height; i < n; i++)
        if ((found && values[i] == (float)nodata) || !isfinite(values[i]))
            values[i] = NAN;
    return LODE_OK;
}

/* Repeats or flips rows and columns of small[rows][columns] to the size of the map. */
static void spread(const sheet *map, const float *small, int columns, int rows) {
    for (int y = 0; y < map->height; y++) {
        int row = (int)((y + 0.5) * rows / map->height);
        if (map->upside_down)
            row = rows - 1 - row;
        for (int x = 0; x < map->width; x++) {
            int column = (int)((x + 0.5) * columns / map->width);
            map->values[(size_t)y * (size_t)map->width + (size_t)x] =
                small[(size_t)row * (size_t)columns + (size_t)column];
        }
    }
}

static int ascending(const void *left, const void *right) {
    float a = *(const float *)left, b = *(const float *)right;
    return (a > b) - (a < b);
}

static void sort_values(sheet *map) {
    for (size_t i = 0, n = (size_t)map->width * (size_t)map->height; i < n; i++)
        if (!isnan(map->values[i]))
            map->sorted[map->count++] = map->values[i];
    qsort(map->sorted, map->count, sizeof *map->sorted, ascending);
    map->low = map->picture->low;
    map->high = map->picture->high;
    if (map->low == 0 && map->high == 0 && map->count > 0) {
        map->low = map->sorted[(size_t)(0.02 * (double)(map->count - 1))];
        map->high = map->sorted[(size_t)(0.98 * (double)(map->count - 1))];
    }
}

static lode_status load(sheet *map, const char *raster, int band) {
    GDALDatasetH dataset =
        GDALOpenEx(raster, GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    if (!dataset)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot open the raster '%s'.", raster);
    int columns = map->grid->width < map->width ? map->grid->width : map->width;
    int rows = map->grid->height < map->height ? map->grid->height : map->height;
    size_t pixels = (size_t)map->width * (size_t)map->height;
    map->values = lode_alloc(pixels, sizeof *map->values);
    map->sorted = lode_alloc(pixels, sizeof *map->sorted);
    float *small = lode_alloc((size_t)columns * (size_t)rows, sizeof *small);
    lode_status status = map->values && map->sorted && small
                             ? read_values(dataset, band, columns, rows, small)
                             : lode_fail_memory();
    if (status == LODE_OK) {
        spread(map, small, columns, rows);
        sort_values(map);
    }
    lode_free(small);
    GDALClose(dataset);
    return status;
}

/* Place of a value on the ramp, 0..1. */
static double place_on_ramp(const sheet *map, float value) {
    if (!map->picture->by_rank)
        return map->high > map->low ? (value - map->low) / (map->high - map->low) : 0.5;
    size_t low = 0, high = map->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (map->sorted[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return map->count > 1 ? (double)low / (double)(map->count - 1) : 0.5;
}

/* ---- Drawing
 * ---------------------------------------------------------------------------------------- */

/* A long title gets smaller letters. */
static void draw_title(const sheet *map, lode_canvas *canvas, int margin) {
    const char *title = map->picture->title ? map->picture->title : "";
    double size = 15 * map->unit, width = lode_canvas_text_width(size, title);
    double room = canvas->width - 2.0 * margin;
    size *= width > room ? room / width : 1;
    lode_canvas_text(canvas, margin, margin + 16 * map->unit, size, title, ink);
}

static void draw_map(const sheet *map, lode_canvas *canvas) {
    lode_canvas_rectangle(canvas, map->left - 1, map->top - 1, map->width + 2, map->height + 2,
                          ink);
    for (int y = 0; y < map->height; y++) {
        for (int x = 0; x < map->width; x++) {
            float value = map->values[(size_t)y * (size_t)map->width + (size_t)x];
            lode_canvas_rectangle(canvas, map->left + x, map->top + y, 1, 1,
                                  isnan(value) ? pale
                                               : lode_ramp_colour(place_on_ramp(map, value)));
        }
    }
}

static void draw_symbol(lode_canvas *canvas, lode_symbol symbol, double x, double y, double unit) {
    if (symbol == LODE_SYMBOL_TRIANGLE) {
        lode_canvas_triangle(canvas, x, y, 10.5 * unit, ink);
        lode_canvas_triangle(canvas, x, y, 6.5 * unit, white);
    } else {
        lode_canvas_disc(canvas, x, y, 6.3 * unit, ink);
        lode_canvas_disc(canvas, x, y, 4.4 * unit, orange);
    }
}

static void draw_points(const sheet *map, const lode_picture_points *points, lode_canvas *canvas) {
    for (size_t i = 0; i < points->count; i++) {
        double column, row;
        if (!lode_grid_to_cell(map->grid, points->east[i], points->north[i], &column, &row) ||
            column < 0 || row < 0 || column > map->grid->width || row > map->grid->height)
            continue;
        if (map->upside_down)
            row = map->grid->height - row;
        draw_symbol(canvas, points->symbol, map->left + column * map->width / map->grid->width,
                    map->top + row * map->height / map->grid->height, map->unit);
    }
}

static void draw_colour_bar(const sheet *map, lode_canvas *canvas, int x, int y, int width) {
    double unit = map->unit, size = 10 * unit;
    int height = (int)lround(14 * unit);
    char low[32], high[32];
    if (map->picture->caption)
        lode_canvas_text(canvas, x, y - 8 * unit, size, map->picture->caption, ink);
    lode_canvas_rectangle(canvas, x - 1, y - 1, width + 2, height + 2, ink);
    for (int k = 0; k < width; k++)
        lode_canvas_rectangle(canvas, x + k, y, 1, height,
                              lode_ramp_colour(width > 1 ? k / (width - 1.0) : 0));
    if (map->picture->by_rank) {
        snprintf(low, sizeof low, "0 %%");
        snprintf(high, sizeof high, "100 %%");
    } else {
        snprintf(low, sizeof low, "%.3g", map->low);
        snprintf(high, sizeof high, "%.3g", map->high);
    }
    double under = y + height + 8 * unit + size;
    lode_canvas_text(canvas, x, under, size, low, ink);
    lode_canvas_text(canvas, x + width - lode_canvas_text_width(size, high), under, size, high,
                     ink);
}

static void draw_legend(const sheet *map, lode_canvas *canvas, double x, double y) {
    for (int k = 0; k < map->picture->point_sets; k++) {
        const lode_picture_points *points = &map->picture->points[k];
        char text[160];
        snprintf(text, sizeof text, "%s (%zu)", points->label ? points->label : "", points->count);
        double line = y + 24 * k * map->unit;
        draw_symbol(canvas, points->symbol, x + 8 * map->unit, line, map->unit);
        lode_canvas_text(canvas, x + 24 * map->unit, line + 5 * map->unit, 10 * map->unit, text,
                         ink);
    }
}

/* 1, 2 or 5 times a power of ten, at most `longest`. */
static double round_length(double longest) {
    double power = pow(10, floor(log10(longest)));
    return power * (longest >= 5 * power ? 5 : longest >= 2 * power ? 2 : 1);
}

static void draw_scale(const sheet *map, lode_canvas *canvas, double right, double y) {
    double metres_a_pixel = map->cell_metres * map->grid->width / map->width, unit = map->unit;
    if (!(metres_a_pixel > 0) || !map->grid->crs[0])
        return;
    double metres = round_length(200 * unit * metres_a_pixel), length = metres / metres_a_pixel;
    char text[48];
    if (metres >= 1000)
        snprintf(text, sizeof text, "%.10g km", metres / 1000);
    else
        snprintf(text, sizeof text, "%.10g m", metres);
    double left = right - length, tick = 5 * unit, size = 10 * unit;
    lode_canvas_line(canvas, left, y, right, y, 1.8 * unit, ink);
    lode_canvas_line(canvas, left, y - tick, left, y + tick, 1.8 * unit, ink);
    lode_canvas_line(canvas, right, y - tick, right, y + tick, 1.8 * unit, ink);
    lode_canvas_text(canvas, (left + right - lode_canvas_text_width(size, text)) / 2,
                     y + 10 * unit + size, size, text, ink);
}

/* ---- Whole
 * ------------------------------------------------------------------------------------------ */

static lode_status draw(sheet *map, const char *raster, int band, char **bytes, size_t *size) {
    int total = map->picture->width > 0 ? map->picture->width : 1000;
    map->unit = total / 1000.0;
    int margin = (int)lround(24 * map->unit), foot = (int)lround(104 * map->unit);
    int head = map->picture->title ? (int)lround(36 * map->unit) : 0;
    double aspect = cell_aspect(map->grid) * map->grid->height / map->grid->width;
    map->width = total - 2 * margin;
    /* A very long strip is cut down to a picture that can still be looked at. */
    if (aspect > 4)
        map->width = (int)fmax(4.0 * map->width / aspect, 1);
    map->height = (int)fmax(lround(map->width * aspect), 1);
    map->left = (total - map->width) / 2;
    map->top = margin + head;
    map->upside_down = map->grid->transform[5] > 0;
    LODE_TRY(load(map, raster, band));
    lode_canvas *canvas;
    LODE_TRY(lode_canvas_create(total, map->top + map->height + foot, &canvas));
    draw_title(map, canvas, margin);
    draw_map(map, canvas);
    for (int k = 0; k < map->picture->point_sets; k++)
        draw_points(map, &map->picture->points[k], canvas);
    int below = map->top + map->height;
    draw_colour_bar(map, canvas, margin, below + (int)lround(40 * map->unit),
                    (int)lround(300 * map->unit));
    draw_legend(map, canvas, margin + 350 * map->unit, below + 36 * map->unit);
    draw_scale(map, canvas, total - margin, below + 46 * map->unit);
    lode_status status = lode_canvas_png(canvas, bytes, size);
    lode_canvas_free(canvas);
    return status;
}

lode_status lode_picture_png(const char *raster, int band, const lode_picture *picture,
                             char **bytes, size_t *size) {
    lode_stack *stack;
    LODE_TRY(lode_stack_open(&raster, 1, &stack));
    sheet map = {.picture = picture,
                 .grid = lode_stack_grid(stack),
                 .cell_metres = lode_stack_cell_metres(stack)};
    lode_status status;
    if (band < 0 || band >= lode_stack_band_count(stack))
        status = lode_fail(LODE_ERROR_USAGE, "'%s' has no band %d.", raster, band + 1);
    else
        status = draw(&map, raster, band, bytes, size);
    lode_free(map.values);
    lode_free(map.sorted);
    lode_stack_close(stack);
    return status;
}

lode_status lode_picture_write(const char *raster, int band, const lode_picture *picture,
                               const char *path) {
    char *bytes;
    size_t size;
    LODE_TRY(lode_file_check_output(path));
    LODE_TRY(lode_picture_png(raster, band, picture, &bytes, &size));
    lode_status status = lode_file_write(path, bytes, size);
    lode_free(bytes);
    return status;
}
