#include "validate/report_plot.h"

#include <math.h>
#include <string.h>

const char *lode_plot_colour(int index) {
    static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                          "#7a5c00", "#56b4e9", "#444444", "#e69f00"};
    return colours[index % 8];
}

const char *lode_plot_dash(int index) {
    static const char *const dashes[] = {"none", "7 4", "2 3", "9 3 2 3",
                                         "12 4", "4 2", "1 4", "6 6"};
    return dashes[index % 8];
}

/* ---- A square diagram, both axes 0 .. 1 -------------------------------------------------------
 */

enum { LEFT = 52, TOP = 14, SIDE = 300, WIDTH = LEFT + SIDE + 18, HEIGHT = TOP + SIDE + 48 };

static double at_x(double share) {
    return LEFT + SIDE * share;
}

static double at_y(double share) {
    return TOP + SIDE * (1 - share);
}

static void open_square(FILE *out, const char *label, const char *x, const char *y) {
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, HEIGHT,
            label);
    for (int i = 0; i <= 5; i++) {
        double share = i / 5.0;
        fprintf(out,
                "<path class=\"grid\" d=\"M%.1f %.1fH%.1fM%.1f %.1fV%.1f\"/>"
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%d</text>"
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%d</text>\n",
                at_x(0), at_y(share), at_x(1), at_x(share), at_y(0), at_y(1), at_x(0) - 6,
                at_y(share) + 4, 20 * i, at_x(share), at_y(0) + 17, 20 * i);
    }
    fprintf(out,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>"
            "<text transform=\"translate(14 %.1f) rotate(-90)\" text-anchor=\"middle\">%s</text>\n",
            at_x(0.5), at_y(0) + 38, x, at_y(0.5), y);
}

static double number_at(const json_t *array, size_t i) {
    const json_t *value = json_array_get(array, i);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static void line(FILE *out, const json_t *x, const json_t *y, const char *colour,
                 const char *dash) {
    fprintf(out,
            "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\" "
            "points=\"",
            colour, dash);
    for (size_t i = 0; i < json_array_size(x); i++)
        if (isfinite(number_at(y, i)))
            fprintf(out, "%.1f,%.1f ", at_x(number_at(x, i)), at_y(number_at(y, i)));
    fputs("\"/>\n", out);
}

static void diagonal(FILE *out) {
    fprintf(out, "<path class=\"chance\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", at_x(0), at_y(0), at_x(1),
            at_y(1));
}

/* Where curves seldom run. */
typedef enum legend_place { LOWER_RIGHT, MIDDLE_LEFT, UPPER_LEFT } legend_place;

/* Text in a corner, the n-th line of `count`. */
static void legend(FILE *out, legend_place where, int n, int count, int style, const char *text) {
    double x = where == LOWER_RIGHT ? at_x(1) - 128 : at_x(0) + 10;
    double y = where == LOWER_RIGHT   ? at_y(0) - 12 - 18.0 * (count - 1 - n)
               : where == MIDDLE_LEFT ? at_y(0.5) - 5 + 18.0 * n
                                      : at_y(1) + 20 + 18.0 * n;
    fprintf(out,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"18\" fill=\"#fff\" "
            "fill-opacity=\".85\"/>"
            "<path d=\"M%.1f %.1fh26\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\"/>"
            "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
            x - 4, y - 13, 42 + 7.5 * (double)strlen(text), x, y - 4, lode_plot_colour(style),
            lode_plot_dash(style), x + 32, y, text);
}

/* ---- Plots ------------------------------------------------------------------------------------
 */

void lode_plot_auc(FILE *out, const json_t *validation) {
    json_t *methods = json_object_get(validation, "methods");
    int count = (int)json_object_size(methods), row = 0;
    const double left = 100, right = 390, height = 34.0 * count + 40;
    fprintf(out,
            "<svg class=\"wide\" viewBox=\"0 0 440 %.0f\" role=\"img\" aria-label=\"AUC of every "
            "method with "
            "its interval\">\n",
            height);
    /* From 0.2 or the lowest end, so that results worse than chance are seen. */
    double low = 0.4;
    const char *name;
    json_t *method;
    json_object_foreach(methods, name, method) {
        double end = json_number_value(json_object_get(json_object_get(method, "auc"), "low"));
        while (low > 0.01 && end < low)
            low -= 0.1;
    }
    double scale = (right - left) / (1 - low);
    for (double tick = low; tick < 1.001; tick += 0.1)
        fprintf(out,
                "<path class=\"grid\" d=\"M%.1f 8V%.1f\"/>"
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.1f</text>\n",
                left + scale * (tick - low), height - 30, left + scale * (tick - low), height - 14,
                tick);
    fprintf(out, "<path class=\"chance\" d=\"M%.1f 8V%.1f\"/>\n", left + scale * (0.5 - low),
            height - 30);
    json_object_foreach(methods, name, method) {
        const json_t *auc = json_object_get(method, "auc");
        double y = 26 + 34.0 * row, value = json_number_value(json_object_get(auc, "value"));
        double from = json_number_value(json_object_get(auc, "low"));
        double to = json_number_value(json_object_get(auc, "high"));
        const char *colour = lode_plot_colour(row++);
        fprintf(out,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>"
                "<path d=\"M%.1f %.1fH%.1f\" stroke=\"%s\" stroke-width=\"3\"/>"
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"6\" fill=\"%s\"/>"
                "<text x=\"%.1f\" y=\"%.1f\">%.2f</text>\n",
                left - 10, y + 4, name, left + scale * (from - low), y, left + scale * (to - low),
                colour, left + scale * (value - low), y, colour, right + 14, y + 4, value);
    }
    fputs("</svg>\n", out);
}

static void interval_band(FILE *out, const json_t *x, const json_t *curve) {
    const json_t *low = json_object_get(curve, "low"), *high = json_object_get(curve, "high");
    size_t n = json_array_size(x);
    fprintf(out, "<polygon fill=\"%s\" fill-opacity=\".15\" points=\"", lode_plot_colour(0));
    for (size_t i = 0; i < n; i++)
        if (isfinite(number_at(low, i)))
            fprintf(out, "%.1f,%.1f ", at_x(number_at(x, i)), at_y(number_at(low, i)));
    for (size_t i = n; i-- > 0;)
        if (isfinite(number_at(high, i)))
            fprintf(out, "%.1f,%.1f ", at_x(number_at(x, i)), at_y(number_at(high, i)));
    fputs("\"/>\n", out);
}

void lode_plot_success(FILE *out, const json_t *validation) {
    json_t *methods = json_object_get(validation, "methods"), *method;
    const json_t *x = json_object_get(validation, "curve_area");
    int count = (int)json_object_size(methods), index = 0;
    const char *name;
    open_square(out, "Success-rate curves", "share of area, best first (%)",
                "deposits captured (%)");
    diagonal(out);
    json_object_foreach(methods, name, method) {
        const json_t *curve = json_object_get(method, "curve");
        if (index == 0)
            interval_band(out, x, curve);
        line(out, x, json_object_get(curve, "captured"), lode_plot_colour(index),
             lode_plot_dash(index));
        index++;
    }
    index = 0;
    json_object_foreach(methods, name, method) {
        legend(out, LOWER_RIGHT, index, count, index, name);
        index++;
    }
    fputs("</svg>\n", out);
}

enum { AREA_STYLE = 1 };

void lode_plot_prediction_area(FILE *out, const json_t *validation) {
    json_t *methods = json_object_get(validation, "methods");
    json_t *method = json_object_iter_value(json_object_iter(methods));
    const json_t *area = json_object_get(validation, "curve_area");
    const json_t *captured = json_object_get(json_object_get(method, "curve"), "captured");
    double crossing =
        json_number_value(json_object_get(json_object_get(method, "prediction_area"), "value"));
    json_t *threshold = json_array();
    for (size_t i = 0; i < json_array_size(area); i++)
        json_array_append_new(threshold, json_real(1 - number_at(area, i)));
    open_square(out, "Prediction-area plot", "score threshold (percentile of the area)",
                "deposits above, area below threshold (%)");
    line(out, threshold, captured, lode_plot_colour(0), "none");
    line(out, threshold, threshold, lode_plot_colour(AREA_STYLE), lode_plot_dash(AREA_STYLE));
    fprintf(out,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"none\" stroke=\"#000\" "
            "stroke-width=\"1.5\"/>"
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.0f %% of deposits in %.0f %% of "
            "the area</text>\n",
            at_x(crossing), at_y(crossing), at_x(0.5), at_y(0.04), 100 * crossing,
            100 * (1 - crossing));
    legend(out, MIDDLE_LEFT, 0, 2, 0, "deposits");
    legend(out, MIDDLE_LEFT, 1, 2, AREA_STYLE, "area");
    fputs("</svg>\n", out);
    json_decref(threshold);
}

static int with_reliability(const json_t *validation) {
    json_t *methods = json_object_get(validation, "methods"), *method;
    const char *name;
    int count = 0;
    json_object_foreach(methods, name, method) count +=
        json_object_get(method, "reliability") != NULL;
    return count;
}

bool lode_plot_has_reliability(const json_t *validation) {
    return with_reliability(validation) > 0;
}

void lode_plot_reliability(FILE *out, const json_t *validation) {
    json_t *methods = json_object_get(validation, "methods"), *method;
    int count = with_reliability(validation), index = 0, drawn = 0;
    const char *name;
    open_square(out, "Reliability diagram", "probability given (%)", "share of deposits found (%)");
    diagonal(out);
    json_object_foreach(methods, name, method) {
        const json_t *bins = json_object_get(method, "reliability");
        json_t *x = json_array(), *y = json_array();
        for (size_t i = 0; i < json_array_size(bins); i++) {
            const json_t *bin = json_array_get(bins, i);
            json_array_append(x, json_object_get(bin, "predicted"));
            json_array_append(y, json_object_get(bin, "observed"));
        }
        if (bins) {
            line(out, x, y, lode_plot_colour(index), lode_plot_dash(index));
            for (size_t i = 0; i < json_array_size(x); i++)
                fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
                        at_x(number_at(x, i)), at_y(number_at(y, i)), lode_plot_colour(index));
            legend(out, UPPER_LEFT, drawn++, count, index, name);
        }
        json_decref(x);
        json_decref(y);
        index++;
    }
    fputs("</svg>\n", out);
}

/* ---- Map of folds -----------------------------------------------------------------------------
 */

/* Cells to drawing units; the drawing is 560 wide or 560 high. */
typedef struct frame {
    double x, y, width, height; /* drawing units a cell, and of the whole */
} frame;

static void draw_block(FILE *out, const lode_blocks *blocks, const frame *f, int i, int j,
                       int fold) {
    double metre_x = f->x / blocks->cell_x, metre_y = f->y / blocks->cell_y;
    double left, top;
    fprintf(out, "<polygon fill=\"%s\" points=\"", lode_plot_colour(fold));
    if (blocks->shape == LODE_BLOCK_SQUARE) {
        left = i * blocks->side - blocks->shift_x;
        top = j * blocks->side - blocks->shift_y;
        for (int corner = 0; corner < 4; corner++)
            fprintf(out, "%.1f,%.1f ",
                    (left + (corner == 1 || corner == 2 ? blocks->side : 0)) * metre_x,
                    (top + (corner >= 2 ? blocks->side : 0)) * metre_y);
    } else {
        double radius = blocks->side / sqrt(3.0);
        left = (i - 1) * blocks->side + (j & 1 ? 0.5 * blocks->side : 0) - blocks->shift_x;
        top = j * blocks->side * 0.8660254037844386 - blocks->shift_y;
        for (int corner = 0; corner < 6; corner++) {
            double angle = (corner + 0.5) * 1.0471975511965976;
            fprintf(out, "%.1f,%.1f ", (left + radius * cos(angle)) * metre_x,
                    (top + radius * sin(angle)) * metre_y);
        }
    }
    fputs("\"/>\n", out);
}

void lode_plot_folds(FILE *out, const lode_validation *validation, const lode_grid *grid) {
    const lode_blocks *blocks = &validation->blocks;
    double wide = grid->width * blocks->cell_x, high = grid->height * blocks->cell_y;
    double scale = 560 / fmax(wide, high);
    frame f = {blocks->cell_x * scale, blocks->cell_y * scale, wide * scale, high * scale};
    fprintf(
        out,
        "<svg class=\"map\" viewBox=\"-1 -1 %.1f %.1f\" role=\"img\" aria-label=\"Map of folds and "
        "deposits\">\n<defs><clipPath id=\"area\"><rect width=\"%.1f\" height=\"%.1f\"/>"
        "</clipPath></defs>\n<g clip-path=\"url(#area)\" fill-opacity=\".3\" stroke=\"#fff\">\n",
        f.width + 2, f.height + 2, f.width, f.height);
    for (int b = 0; validation->block_folds && b < blocks->across * blocks->down; b++)
        if (validation->block_folds[b] >= 0)
            draw_block(out, blocks, &f, b % blocks->across, b / blocks->across,
                       validation->block_folds[b]);
    fputs("</g>\n", out);
    for (size_t i = 0; i < validation->deposits; i++)
        fprintf(out,
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"%s\" stroke=\"#000\" "
                "stroke-width=\"1\"/>\n",
                (validation->deposit_columns[i] + 0.5) * f.x,
                (validation->deposit_rows[i] + 0.5) * f.y,
                lode_plot_colour(validation->deposit_folds[i]));
    fprintf(out, "<rect width=\"%.1f\" height=\"%.1f\" fill=\"none\" stroke=\"#555\"/></svg>\n",
            f.width, f.height);
}
