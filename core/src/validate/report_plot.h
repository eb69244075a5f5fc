/* report_plot.h - the report's drawings, as SVG inside the page. */
#ifndef LODE_VALIDATE_REPORT_PLOT_H
#define LODE_VALIDATE_REPORT_PLOT_H

#include <stdbool.h>
#include <stdio.h>

#include "validate/validate.h"

/* Colour (and dash pattern) of the i-th method or fold; Okabe and Ito's palette, told apart by
 * colour-blind readers. */
const char *lode_plot_colour(int index);
const char *lode_plot_dash(int index);

/* AUC of every method with its interval, chance as a line. */
void lode_plot_auc(FILE *out, const json_t *validation);
/* Success-rate curves; the first method with its interval. */
void lode_plot_success(FILE *out, const json_t *validation);
/* Prediction-area plot of the first method. */
void lode_plot_prediction_area(FILE *out, const json_t *validation);
/* Whether any method gives probabilities. */
bool lode_plot_has_reliability(const json_t *validation);
/* Probability against truth, for the methods that give probabilities. */
void lode_plot_reliability(FILE *out, const json_t *validation);
/* Blocks and deposits of the first repeat, coloured by fold. */
void lode_plot_folds(FILE *out, const lode_validation *validation, const lode_grid *grid);

#endif
