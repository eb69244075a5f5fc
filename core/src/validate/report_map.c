#include "validate/report_map.h"

#include <cpl_conv.h>
#include <cpl_string.h>

#include "picture/picture.h"
#include "util/error.h"
#include "util/memory.h"

enum { PICTURE_WIDTH = 900 };

/* Deposits of the validation in map coordinates: east[deposits], then north[deposits]. */
static double *place_deposits(const lode_validation *validation, const lode_grid *grid) {
    size_t n = validation->deposits;
    double *east = lode_alloc(2 * n + 1, sizeof *east);
    for (size_t i = 0; east && i < n; i++)
        lode_grid_to_map(grid, validation->deposit_columns[i] + 0.5,
                         validation->deposit_rows[i] + 0.5, &east[i], &east[n + i]);
    return east;
}

static void draw(FILE *out, const char *raster, int band, const lode_picture *picture,
                 const char *words) {
    char *bytes = NULL;
    size_t size = 0;
    if (lode_picture_png(raster, band, picture, &bytes, &size) != LODE_OK) {
        lode_log(LODE_LOG_WARNING, "A map is missing in the report: %s", lode_error_message());
        return;
    }
    char *text = CPLBase64Encode((int)size, (const GByte *)bytes);
    if (text)
        fprintf(out,
                "<figure class=\"map\"><img alt=\"%s\" src=\"data:image/png;base64,%s\">"
                "<figcaption>%s</figcaption></figure>\n",
                picture->caption, text, words);
    CPLFree(text);
    lode_free(bytes);
}

void lode_report_maps(FILE *out, const lode_validation *validation, const lode_grid *grid,
                      const char *raster) {
    lode_stack *maps = NULL;
    if (!raster || lode_stack_open(&raster, 1, &maps) != LODE_OK)
        return;
    int percentile = lode_stack_find_band(maps, "percentile");
    int score = lode_stack_find_band(maps, "score");
    int uncertainty = lode_stack_find_band(maps, "uncertainty");
    lode_stack_close(maps);
    double *east = place_deposits(validation, grid);
    if (!east)
        return;
    lode_picture_points deposits = {.east = east,
                                    .north = east + validation->deposits,
                                    .count = validation->deposits,
                                    .symbol = LODE_SYMBOL_TRIANGLE,
                                    .label = "known deposits"};
    lode_picture picture = {.points = &deposits, .point_sets = 1, .width = PICTURE_WIDTH};
    fputs("<h2>Maps</h2>\n<div class=\"maps\">\n", out);
    if (percentile >= 0) {
        picture.caption = "Prospectivity (percentile)";
        picture.high = 100;
        draw(out, raster, percentile, &picture,
             "Share of the area that scores lower, in percent. The map was made with all known "
             "deposits.");
    } else if (score >= 0) {
        picture.caption = "Score";
        picture.high = 1;
        draw(out, raster, score, &picture, "Score. The map was made with all known deposits.");
    }
    if (uncertainty >= 0) {
        picture.caption = "Uncertainty";
        picture.high = 0;
        draw(out, raster, uncertainty, &picture,
             "Standard deviation of the score over the members of the head, which saw different "
             "draws "
             "of deposits and background.");
    }
    fputs("</div>\n", out);
    lode_free(east);
}
