#include "picture/canvas.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <gdal.h>

#include "picture/glyphs.h"
#include "util/error.h"
#include "util/memory.h"

enum { MAX_SIDE = 20000 };

lode_status lode_canvas_create(int width, int height, lode_canvas **canvas) {
    if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE)
        return lode_fail(LODE_ERROR_USAGE, "A picture of %d x %d pixels cannot be drawn.", width,
                         height);
    lode_canvas *made = lode_alloc(1, sizeof *made);
    size_t bytes = (size_t)width * (size_t)height * 3;
    unsigned char *pixels = lode_alloc(bytes, 1);
    if (!made || !pixels) {
        lode_free(made);
        lode_free(pixels);
        return lode_fail_memory();
    }
    memset(pixels, 255, bytes);
    *made = (lode_canvas){width, height, pixels};
    *canvas = made;
    return LODE_OK;
}

void lode_canvas_free(lode_canvas *canvas) {
    if (!canvas)
        return;
    lode_free(canvas->pixels);
    lode_free(canvas);
}

/* ---- Shapes: each pixel is covered by how far its centre lies inside the edge
 * --------------------- */

static void blend(lode_canvas *canvas, int x, int y, double cover, lode_colour colour) {
    if (!(cover > 0) || x < 0 || y < 0 || x >= canvas->width || y >= canvas->height)
        return;
    unsigned char *pixel = canvas->pixels + ((size_t)y * (size_t)canvas->width + (size_t)x) * 3;
    const unsigned char wanted[3] = {colour.red, colour.green, colour.blue};
    cover = fmin(cover, 1);
    for (int k = 0; k < 3; k++)
        pixel[k] = (unsigned char)lround(pixel[k] + cover * (wanted[k] - pixel[k]));
}

typedef double (*inside_fn)(const double *shape, double x, double y);

/* Fills the part of the box where inside() (pixels, positive inside) is positive. */
static void fill(lode_canvas *canvas, double left, double top, double right, double bottom,
                 inside_fn inside, const double *shape, lode_colour colour) {
    int first_x = (int)floor(fmax(left - 1, 0)), first_y = (int)floor(fmax(top - 1, 0));
    int last_x = (int)ceil(fmin(right + 1, canvas->width));
    int last_y = (int)ceil(fmin(bottom + 1, canvas->height));
    for (int y = first_y; y < last_y; y++)
        for (int x = first_x; x < last_x; x++)
            blend(canvas, x, y, inside(shape, x + 0.5, y + 0.5) + 0.5, colour);
}

void lode_canvas_rectangle(lode_canvas *canvas, int x, int y, int width, int height,
                           lode_colour colour) {
    for (int row = y; row < y + height; row++)
        for (int column = x; column < x + width; column++)
            blend(canvas, column, row, 1, colour);
}

static double inside_line(const double *line, double x, double y) {
    double dx = line[2] - line[0], dy = line[3] - line[1], length = dx * dx + dy * dy;
    double t = length > 0 ? ((x - line[0]) * dx + (y - line[1]) * dy) / length : 0;
    t = fmin(fmax(t, 0), 1);
    return line[4] - hypot(x - line[0] - t * dx, y - line[1] - t * dy);
}

void lode_canvas_line(lode_canvas *canvas, double x0, double y0, double x1, double y1,
                      double thickness, lode_colour colour) {
    double half = thickness / 2, shape[5] = {x0, y0, x1, y1, half};
    fill(canvas, fmin(x0, x1) - half, fmin(y0, y1) - half, fmax(x0, x1) + half, fmax(y0, y1) + half,
         inside_line, shape, colour);
}

static double inside_disc(const double *disc, double x, double y) {
    return disc[2] - hypot(x - disc[0], y - disc[1]);
}

void lode_canvas_disc(lode_canvas *canvas, double x, double y, double radius, lode_colour colour) {
    double shape[3] = {x, y, radius};
    fill(canvas, x - radius, y - radius, x + radius, y + radius, inside_disc, shape, colour);
}

static double inside_triangle(const double *triangle, double x, double y) {
    double radius = triangle[2], dx = fabs(x - triangle[0]), dy = y - triangle[1];
    double base = 0.5 * radius - dy, side = 0.5 * (radius + dy) - 0.8660254037844386 * dx;
    return fmin(base, side);
}

void lode_canvas_triangle(lode_canvas *canvas, double x, double y, double radius,
                          lode_colour colour) {
    double shape[3] = {x, y, radius};
    fill(canvas, x - radius, y - radius, x + radius, y + radius, inside_triangle, shape, colour);
}

/* ---- Text
 * ----------------------------------------------------------------------------------------- */

static int glyph_width(const char *strokes) {
    int width = 0;
    for (const char *at = strokes; *at; at += *at == ' ' ? 1 : 2)
        if (*at != ' ' && *at - '0' > width)
            width = *at - '0';
    return width;
}

static double advance(unsigned char letter) {
    const char *strokes = lode_glyph(letter);
    return strokes ? glyph_width(strokes) + 2.2 : 3;
}

double lode_canvas_text_width(double size, const char *text) {
    double width = 0;
    for (; *text; text++)
        if (((unsigned char)*text & 0xC0) != 0x80) /* not inside a UTF-8 sequence */
            width += advance((unsigned char)*text);
    return width > 0 ? (width - 2.2) * size / LODE_GLYPH_CAPITAL : 0;
}

static int glyph_row(char code) {
    return code <= '9' ? code - '0' : code - 'a' + 10;
}

void lode_canvas_text(lode_canvas *canvas, double x, double y, double size, const char *text,
                      lode_colour colour) {
    double unit = size / LODE_GLYPH_CAPITAL, thickness = fmax(1.15, 0.13 * size);
    for (; *text; text++) {
        const char *strokes = lode_glyph((unsigned char)*text);
        bool pen = false;
        double last_x = 0, last_y = 0;
        for (const char *at = strokes ? strokes : ""; *at; at += *at == ' ' ? 1 : 2) {
            if (*at == ' ') {
                pen = false;
                continue;
            }
            double to_x = x + unit * (at[0] - '0');
            double to_y = y - unit * (glyph_row(at[1]) - LODE_GLYPH_BASE);
            if (pen)
                lode_canvas_line(canvas, last_x, last_y, to_x, to_y, thickness, colour);
            pen = true;
            last_x = to_x;
            last_y = to_y;
        }
        if (((unsigned char)*text & 0xC0) != 0x80)
            x += unit * advance((unsigned char)*text);
    }
}

/* ---- Colours and files
 * ------------------------------------------------------------------------------ */

lode_colour lode_ramp_colour(double t) {
    static const lode_colour stops[] = {{0x44, 0x01, 0x54}, {0x47, 0x2d, 0x7b}, {0x3b, 0x52, 0x8b},
                                        {0x2c, 0x72, 0x8e}, {0x21, 0x91, 0x8c}, {0x28, 0xae, 0x80},
                                        {0x5e, 0xc9, 0x62}, {0xad, 0xdc, 0x30}, {0xfd, 0xe7, 0x25}};
    int last = (int)(sizeof stops / sizeof stops[0]) - 1;
    double place = fmin(fmax(t, 0), 1) * last;
    int k = place >= last ? last - 1 : (int)place;
    double share = place - k;
    const lode_colour *a = &stops[k], *b = &stops[k + 1];
    return (lode_colour){(unsigned char)lround(a->red + share * (b->red - a->red)),
                         (unsigned char)lround(a->green + share * (b->green - a->green)),
                         (unsigned char)lround(a->blue + share * (b->blue - a->blue))};
}

static GDALDatasetH as_dataset(const lode_canvas *canvas) {
    GDALDatasetH dataset = GDALCreate(GDALGetDriverByName("MEM"), "", canvas->width, canvas->height,
                                      3, GDT_Byte, NULL);
    if (dataset && GDALDatasetRasterIO(dataset, GF_Write, 0, 0, canvas->width, canvas->height,
                                       canvas->pixels, canvas->width, canvas->height, GDT_Byte, 3,
                                       NULL, 3, 3 * canvas->width, 1) != CE_None) {
        GDALClose(dataset);
        dataset = NULL;
    }
    return dataset;
}

lode_status lode_canvas_png(const lode_canvas *canvas, char **bytes, size_t *size) {
    static atomic_uint serial;
    char name[64];
    snprintf(name, sizeof name, "/vsimem/lode-picture-%u.png", atomic_fetch_add(&serial, 1));
    GDALDriverH driver = GDALGetDriverByName("PNG");
    if (!driver)
        return lode_fail(LODE_ERROR_IO, "This GDAL has no PNG driver; the picture is not written.");
    CPLErrorReset();
    GDALDatasetH memory = as_dataset(canvas);
    GDALDatasetH copy =
        memory ? GDALCreateCopy(driver, name, memory, FALSE, NULL, NULL, NULL) : NULL;
    lode_status status = LODE_OK;
    if (!copy)
        status = lode_fail_gdal(LODE_ERROR_IO, "Cannot make a PNG picture.");
    GDALClose(copy);
    GDALClose(memory);
    vsi_l_offset length = 0;
    GByte *content = status == LODE_OK ? VSIGetMemFileBuffer(name, &length, FALSE) : NULL;
    if (content) {
        char *kept = lode_alloc((size_t)length, 1);
        if (kept) {
            memcpy(kept, content, (size_t)length);
            *bytes = kept;
            *size = (size_t)length;
        } else {
            status = lode_fail_memory();
        }
    }
    VSIUnlink(name);
    return status;
}
