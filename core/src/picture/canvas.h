/* canvas.h - a picture in memory and smooth-edged lines, discs and letters on it. */
#ifndef LODE_PICTURE_CANVAS_H
#define LODE_PICTURE_CANVAS_H

#include <stddef.h>

#include "lode/lode.h"

typedef struct lode_colour {
    unsigned char red, green, blue;
} lode_colour;

/* Red, green and blue bytes, row 0 at the top. Positions below are in pixels; 0.5, 0.5 is the
 * centre of the first one. What lies outside is cut off. */
typedef struct lode_canvas {
    int width, height;
    unsigned char *pixels; /* [height][width][3] */
} lode_canvas;

/* White. */
lode_status lode_canvas_create(int width, int height, lode_canvas **canvas);
void lode_canvas_free(lode_canvas *canvas);

void lode_canvas_rectangle(lode_canvas *canvas, int x, int y, int width, int height,
                           lode_colour colour);
/* A line with round ends, `thickness` wide. */
void lode_canvas_line(lode_canvas *canvas, double x0, double y0, double x1, double y1,
                      double thickness, lode_colour colour);
void lode_canvas_disc(lode_canvas *canvas, double x, double y, double radius, lode_colour colour);
/* A filled triangle that points up, inside the circle of that radius. */
void lode_canvas_triangle(lode_canvas *canvas, double x, double y, double radius,
                          lode_colour colour);

/* Text in a plain stroke font, capitals `size` pixels high, standing on the line y from x. ASCII
 * letters, digits and common signs; others leave a gap. */
void lode_canvas_text(lode_canvas *canvas, double x, double y, double size, const char *text,
                      lode_colour colour);
double lode_canvas_text_width(double size, const char *text);

/* The colour at t (0..1) of viridis (van der Walt and Smith 2015): perceptually uniform, and the
 * same order for colour-blind readers and in grey print. */
lode_colour lode_ramp_colour(double t);

/* The canvas as the bytes of a PNG file; the caller frees *bytes with lode_free. */
lode_status lode_canvas_png(const lode_canvas *canvas, char **bytes, size_t *size);

#endif
