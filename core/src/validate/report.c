/* report.c - the validation as one HTML page that needs nothing else. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/sha256.h"
#include "validate/report_map.h"
#include "validate/report_plot.h"
#include "validate/words.h"

/* ---- Text -------------------------------------------------------------------------------------
 */

static const char style[] =
    "<style>\n"
    ":root{color-scheme:light}\n"
    "body{font:15px/1.5 system-ui,'DejaVu Sans',sans-serif;color:#1a1a1a;background:#fff;"
    "max-width:820px;margin:0 auto;padding:16px}\n"
    "h1{font-size:26px;line-height:1.2;margin:8px 0}h2{font-size:19px;margin:32px 0 8px;"
    "border-bottom:1px solid #ccc;padding-bottom:4px}h3{font-size:15px;margin:16px 0 4px}\n"
    ".verdict{font-size:17px;border-left:5px solid #0072b2;background:#eef5fa;padding:10px 14px}\n"
    ".warnings{border-left:5px solid #d55e00;background:#fdf1e8;padding:8px 14px;margin:12px 0}\n"
    ".warnings ul{margin:4px 0;padding-left:20px}\n"
    ".scroll{overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%;font-size:13px;margin:8px 0}\n"
    "th,td{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid #ddd;"
    "vertical-align:top}\n"
    "td b{font-weight:600;font-size:14px}td span{color:#555;white-space:nowrap}\n"
    "td.word{white-space:normal}\n"
    "svg{width:100%;height:auto;display:block}svg.wide{max-width:620px}svg text{font:13px "
    "system-ui,'DejaVu Sans',"
    "sans-serif;fill:#222}\n"
    "svg .grid{stroke:#e4e4e4;fill:none}svg .chance{stroke:#777;stroke-dasharray:4 4;fill:none}\n"
    ".pair{display:grid;grid-template-columns:1fr 1fr;gap:16px}\n"
    "figure{margin:8px 0}figcaption,.note{font-size:13px;color:#444}\n"
    "figure.map{max-width:560px}img{max-width:100%;height:auto}\n"
    "code,pre{font:12px/1.45 'DejaVu Sans Mono',ui-monospace,monospace}\n"
    "pre{background:#f5f5f5;padding:10px;white-space:pre-wrap;overflow-wrap:anywhere}\n"
    ".hash{overflow-wrap:anywhere;font-size:11px}\n"
    ".key i{display:inline-block;width:11px;height:11px;border-radius:50%;margin:0 4px 0 12px}\n"
    "dt{font-weight:600;margin-top:8px}dd{margin:0 0 0 16px}\n"
    "footer{margin-top:32px;font-size:12px;color:#555}\n"
    "@media(max-width:640px){.pair{grid-template-columns:1fr}body{padding:10px}"
    "table{font-size:12px}th,td{padding-right:5px}"
    "td:first-child b{font-size:11px}"
    "td span{display:block;white-space:normal;font-size:11px}td b{font-size:13px}}\n"
    "@media print{.maps{display:grid;grid-template-columns:1fr 1fr;gap:16px}"
    "body{max-width:none;padding:0;font-size:12px}h2{break-after:avoid}"
    "figure,table,.verdict,.warnings{break-inside:avoid}}\n"
    "@page{size:A4;margin:15mm}\n"
    "</style>\n";

static void escape(FILE *out, const char *text) {
    for (; text && *text; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(*text, out);
        }
    }
}

static double number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static const char *string(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* A cell "0.76 (0.70 to 0.82)" of json[key]; percent for shares. */
static void interval_cell(FILE *out, const json_t *object, const char *key, bool percent) {
    const json_t *interval = json_object_get(object, key);
    double value = number(interval, "value"), low = number(interval, "low");
    double high = number(interval, "high"), unit = percent ? 100 : 1;
    int digits = percent ? 0 : 2;
    if (!isfinite(value))
        fputs("<td>&ndash;</td>", out);
    else if (!isfinite(low) || !isfinite(high))
        fprintf(out, "<td><b>%.*f</b></td>", digits, unit * value);
    else
        fprintf(out, "<td><b>%.*f</b> <span>%.*f to %.*f</span></td>", digits, unit * value, digits,
                unit * low, digits, unit * high);
}

/* ---- Sections ---------------------------------------------------------------------------------
 */

/* The last part of a path. */
static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* What the report is about, by file names. */
static void subject(FILE *out, const json_t *json, const lode_report *report) {
    const char *deposits = string(json, "deposit_layer"), *where = string(json, "where");
    if (!report->inputs || !report->inputs[0] || !deposits[0])
        return;
    fputs("<p class=\"note\">Known deposits: ", out);
    escape(out, base_name(deposits));
    if (where[0]) {
        fputs(" where ", out);
        escape(out, where);
    }
    fputs(". Data: ", out);
    escape(out, base_name(report->inputs[0]));
    fputs(".</p>\n", out);
}

static void head(FILE *out, const lode_validation *validation, const lode_report *report) {
    const json_t *json = validation->json, *warnings = json_object_get(json, "warnings"), *warning;
    const char *title = report->title ? report->title : "Validation";
    size_t i;
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>",
          out);
    escape(out, title);
    fprintf(out, "</title>\n%s</head><body>\n<h1>", style);
    escape(out, title);
    fputs("</h1>\n", out);
    subject(out, json, report);
    fputs("<p class=\"verdict\">", out);
    escape(out, string(json, "verdict"));
    fputs("</p>\n", out);
    if (json_array_size(warnings) == 0)
        return;
    fputs("<div class=\"warnings\"><strong>Read this first</strong><ul>\n", out);
    json_array_foreach(warnings, i, warning) {
        fputs("<li>", out);
        escape(out, json_string_value(warning));
        fputs("</li>\n", out);
    }
    fputs("</ul></div>\n", out);
}

/* "39 known deposits were used of 41 read (1 on cells without data, 1 in the cell of another)." */
static void deposits_sentence(FILE *out, const json_t *json) {
    static const char *const lost[][2] = {{"deposits_outside", "outside the raster"},
                                          {"deposits_without_data", "on cells without data"},
                                          {"deposits_in_one_cell", "in the cell of another"}};
    double used = number(json, "deposits"), read = number(json, "deposits_read");
    const char *separator = " (";
    fprintf(out, "%.0f known deposits were used", used);
    if (read > used) {
        fprintf(out, " of %.0f read", read);
        for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
            if (!(number(json, lost[i][0]) > 0))
                continue;
            fprintf(out, "%s%.0f %s", separator, number(json, lost[i][0]), lost[i][1]);
            separator = ", ";
        }
        fputs(")", out);
    }
    fputs(". ", out);
}

/* "5", or "4 to 5" when repeats differ. */
static void folds_words(const json_t *json, char *text, size_t size) {
    const json_t *folds = json_object_get(json, "folds_of_repeats");
    int least = (int)json_integer_value(json_array_get(folds, 0)), most = least;
    for (size_t r = 1; r < json_array_size(folds); r++) {
        int own = (int)json_integer_value(json_array_get(folds, r));
        least = own < least ? own : least;
        most = own > most ? own : most;
    }
    if (least < most)
        snprintf(text, size, "%d to %d", least, most);
    else
        snprintf(text, size, "%d", least);
}

static void what_was_done(FILE *out, const json_t *json) {
    bool near = number(json, "buffer_m") > 0;
    char block[40], buffer[40], exclusion[40], limit[40], folds[40];
    const char *shape = string(json, "block_shape"), *pretraining = string(json, "pretraining");
    lode_distance_words(number(json, "block_m"), block, sizeof block);
    lode_distance_words(number(json, "buffer_m"), buffer, sizeof buffer);
    lode_distance_words(number(json, "exclusion_m"), exclusion, sizeof exclusion);
    folds_words(json, folds, sizeof folds);
    fputs("<h2>What was done</h2>\n<p>", out);
    deposits_sentence(out, json);
    if (strcmp(shape, "cluster") == 0)
        fprintf(out,
                "Deposits closer together than %s form a cluster; each cluster was left out in "
                "turn. ",
                block);
    else
        fprintf(out,
                "The area was cut into %ss of %s, and the blocks were dealt to %s folds with "
                "about equally many deposits. ",
                shape, block, folds);
    fprintf(
        out,
        "For each fold in turn, every method learned from the deposits of the other folds and then "
        "scored the places of the fold left out, which it had not been told about. %s%s%s"
        "Deposits were compared with %.0f background places drawn at random, at least %s from any "
        "deposit",
        near ? "Training places closer than " : "", near ? buffer : "",
        near ? " to a deposit under test were left out as well. " : "", number(json, "background"),
        exclusion);
    if (isfinite(number(json, "background_within_m_of_samples")))
        fprintf(out, " and within %s of a sample",
                lode_distance_words(number(json, "background_within_m_of_samples"), limit,
                                    sizeof limit));
    fputs(". ", out);
    if (number(json, "repeats") > 1)
        fprintf(out,
                "All of this was done %.0f times with new blocks and new background; the values "
                "here are means. ",
                number(json, "repeats"));
    fprintf(out, "The ranges hold the truth in about %.0f of 100 such studies.</p>\n",
            100 * number(json, "confidence"));
    if (strcmp(pretraining, "none") != 0)
        fprintf(out, "<p>The encoder was pretrained on the %s: it saw no deposit at all.</p>\n",
                strncmp(pretraining, "whole", 5) == 0
                    ? "whole raster, test areas included, without "
                      "labels"
                    : "raster without the test areas, anew for every "
                      "fold");
}

static void table_of_measures(FILE *out, const json_t *json) {
    json_t *methods = json_object_get(json, "methods"), *method;
    const char *name;
    fputs("<h2>Results</h2>\n<figure>", out);
    lode_plot_auc(out, json);
    fputs("<figcaption>AUC: the chance that a deposit the method was not told about scores higher "
          "than "
          "background. 0.5 (dashed) is chance, 1 is perfect.</figcaption></figure>\n"
          "<div class=\"scroll\"><table><tr><th>Method</th><th>AUC</th><th>Best 5&nbsp;%</th>"
          "<th>Best 10&nbsp;%</th><th>Best 20&nbsp;%</th></tr>\n",
          out);
    json_object_foreach(methods, name, method) {
        const json_t *capture = json_object_get(method, "capture");
        fprintf(out, "<tr><td><b>%s</b></td>", name);
        interval_cell(out, method, "auc", false);
        interval_cell(out, capture, "0.05", true);
        interval_cell(out, capture, "0.10", true);
        interval_cell(out, capture, "0.20", true);
        fputs("</tr>\n", out);
    }
    fputs("</table></div>\n<p class=\"note\">Best 5, 10, 20 %: per cent of the deposits that lie "
          "in that "
          "share of the area with the highest scores.</p>\n"
          "<div class=\"scroll\"><table><tr><th>Method</th><th>Accuracy (%)</th>"
          "<th>P-A crossing (%)</th><th>PR-AUC</th><th>Brier</th><th>Boyce</th></tr>\n",
          out);
    json_object_foreach(methods, name, method) {
        fprintf(out, "<tr><td><b>%s</b></td>", name);
        interval_cell(out, method, "accuracy", true);
        interval_cell(out, method, "prediction_area", true);
        interval_cell(out, method, "pr_auc", false);
        interval_cell(out, method, "brier", false);
        interval_cell(out, method, "boyce", false);
        fputs("</tr>\n", out);
    }
    fputs("</table></div>\n", out);
}

static void differences(FILE *out, const json_t *json) {
    json_t *paired = json_object_get(json, "paired"), *pair;
    const char *name;
    if (json_object_size(paired) == 0)
        return;
    fputs("<h2>Which differences are real?</h2>\n<div class=\"scroll\"><table><tr><th>Pair</th>"
          "<th>Difference in AUC</th><th>Best 10&nbsp;%</th><th>Reading</th></tr>\n",
          out);
    json_object_foreach(paired, name, pair) {
        const json_t *auc = json_object_get(pair, "auc");
        const char *reading = number(auc, "low") > 0    ? "the first is better"
                              : number(auc, "high") < 0 ? "the second is better"
                                                        : "cannot be told apart";
        const char *dash = strchr(name, '-');
        fprintf(out, "<tr><td><b>%.*s</b> &minus; %s</td>", (int)(dash - name), name, dash + 1);
        interval_cell(out, pair, "auc", false);
        interval_cell(out, json_object_get(pair, "capture"), "0.10", true);
        fprintf(out, "<td class=\"word\">%s</td></tr>\n", reading);
    }
    fputs("</table></div>\n<p>Both methods of a pair saw the same deposits, folds and background, "
          "and "
          "were drawn anew together.</p>\n",
          out);
}

static void permutations(FILE *out, const json_t *json) {
    json_t *methods = json_object_get(json, "methods"), *method;
    const char *name;
    if (!(number(json, "permutations") > 0))
        return;
    fputs("<h2>What chance gives</h2>\n<p>The same validation with the deposits moved together to "
          "random places.</p>\n<div class=\"scroll\"><table><tr><th>Method</th><th>AUC</th><th>AUC "
          "with "
          "moved deposits</th><th>Share that does as well</th></tr>\n",
          out);
    json_object_foreach(methods, name, method) {
        const json_t *control = json_object_get(method, "permutation");
        fprintf(out,
                "<tr><td><b>%s</b></td><td>%.2f</td><td>%.2f <span>%.2f to %.2f, %.0f runs</span>"
                "</td><td>%.2f</td></tr>\n",
                name, number(json_object_get(method, "auc"), "value"), number(control, "mean"),
                number(control, "lowest"), number(control, "highest"), number(control, "runs"),
                number(control, "p"));
    }
    fputs("</table></div>\n", out);
}

static void curves(FILE *out, const json_t *json) {
    fputs("<h2>Curves</h2>\n<div class=\"pair\">\n<figure>", out);
    lode_plot_success(out, json);
    fputs("<figcaption><b>Success rate.</b> Walking from the best ground to the worst: share of "
          "known "
          "deposits found against share of area walked. The shade is the interval of the first "
          "method; dashed is chance. The area under a curve is its "
          "AUC.</figcaption></figure>\n<figure>",
          out);
    lode_plot_prediction_area(out, json);
    fputs("<figcaption><b>Prediction-area plot</b> of the first method: deposits above a threshold "
          "against area left out below it. A crossing higher up means more deposits in less "
          "ground.</figcaption></figure>\n",
          out);
    if (!lode_plot_has_reliability(json)) {
        fputs("</div>\n<p class=\"note\">There is no reliability diagram, because no method here "
              "gives a probability: their scores tell only what ranks higher.</p>\n",
              out);
        return;
    }
    fputs("<figure>", out);
    lode_plot_reliability(out, json);
    fputs("<figcaption><b>Reliability.</b> When a method says 70 %, are 70 % of such places "
          "deposits? "
          "Deposits and background weigh the same here. On the dashed line the probability means "
          "what "
          "it says.</figcaption></figure>\n</div>\n",
          out);
}

/* Which inputs, strengths and bands were taken, over all folds and repeats. */
static void choices(FILE *out, const json_t *json) {
    json_t *methods = json_object_get(json, "methods"), *method;
    const char *name;
    fputs("<h2>Methods</h2>\n<dl>\n", out);
    json_object_foreach(methods, name, method) {
        json_t *chosen = json_object_get(method, "chosen"), *counts, *count;
        const char *what, *value;
        fprintf(out, "<dt>%s: %s</dt><dd>%s", name, string(method, "title"),
                string(method, "about"));
        json_object_foreach(chosen, what, counts) {
            const char *separator = " ";
            fprintf(out, "<br>%s:", what);
            json_object_foreach(counts, value, count) {
                fputs(separator, out);
                escape(out, value);
                fprintf(out, " (%lld)", json_integer_value(count));
                separator = ", ";
            }
        }
        fputs("</dd>\n", out);
    }
    fputs("</dl>\n", out);
}

/* The attributes of a target, as a row. */
static void target_row(FILE *out, const json_t *target) {
    char distance[40] = "";
    double metres = number(target, "distance_m");
    if (metres > 0)
        lode_distance_words(metres, distance, sizeof distance);
    double x = number(target, "x"), y = number(target, "y");
    int digits = fabs(x) <= 360 && fabs(y) <= 90 ? 4 : 0; /* degrees, or metres and feet */
    fprintf(out, "<tr><td><b>%.0f</b></td><td>%.3g</td><td>%.2f</td><td>%.*f, %.*f</td><td>",
            number(target, "rank"), number(target, "area_km2"), number(target, "score_mean"), digits,
            x, digits, y);
    escape(out, string(target, "nearest_name"));
    fprintf(out, "</td><td>%s</td></tr>\n", metres == 0 ? "inside" : distance);
}

static void best_targets(FILE *out, const json_t *targets) {
    const json_t *best = json_object_get(targets, "best"), *target;
    size_t i, shown = json_array_size(best);
    if (shown == 0)
        return;
    fprintf(out,
            "<h2>Targets</h2>\n<p>The best ground makes %.0f targets of %.4g km&sup2; in all; ",
            number(targets, "targets"), number(targets, "area_km2"));
    fprintf(out,
            "%s. They come from the map, which was made with all known deposits: a target around "
            "one is no discovery.</p>\n<div class=\"scroll\"><table><tr><th>Rank</th>"
            "<th>km&sup2;</th><th>Mean score</th><th>Centre</th><th>Nearest known deposit</th>"
            "<th>Distance</th></tr>\n",
            shown < (size_t)number(targets, "targets") ? "the first ten are listed"
                                                       : "all are listed");
    json_array_foreach(best, i, target) target_row(out, target);
    fputs("</table></div>\n", out);
}

static void fold_map(FILE *out, const lode_validation *validation, const lode_grid *grid) {
    int folds = (int)json_integer_value(
        json_array_get(json_object_get(validation->json, "folds_of_repeats"), 0));
    fputs("<h2>Folds</h2>\n<figure class=\"map\">", out);
    lode_plot_folds(out, validation, grid);
    fputs(
        "<figcaption>Blocks and deposits of the first repeat, coloured by fold; north is up for a "
        "north-up raster.<span class=\"key\">",
        out);
    for (int f = 0; f < folds && f < 10; f++)
        fprintf(out, "<i style=\"background:%s\"></i>%d", lode_plot_colour(f), f + 1);
    fputs("</span></figcaption></figure>\n", out);
}

static void words(FILE *out, const json_t *json) {
    double deposits = number(json, "deposits"), background = number(json, "background");
    fputs(
        "<h2>Words</h2>\n<dl>\n"
        "<dt>Share of area</dt><dd>Scores of different folds come from different models. Each "
        "score is "
        "therefore replaced by the share of the background of its own fold that scores lower; "
        "curves "
        "and captures are made of these shares.</dd>\n"
        "<dt>Accuracy</dt><dd>Mean of the shares of deposits and of background on the right side "
        "of a "
        "threshold that was set on the other folds (where both shares are equal). The range is the "
        "exact binomial one for as many background places as deposits.</dd>\n"
        "<dt>P-A crossing</dt><dd>Share of deposits captured where it equals the share of area "
        "left out "
        "(Yousefi and Carranza 2015).</dd>\n"
        "<dt>PR-AUC</dt><dd>Average precision. It depends on how many background places stand "
        "against "
        "each deposit; compare it only within this report, where chance gives ",
        out);
    fprintf(out, "%.2g", deposits / (deposits + background));
    fputs(
        ".</dd>\n"
        "<dt>Brier</dt><dd>Mean squared error of the probability, deposits and background weighing "
        "the "
        "same: 0 is perfect, 0.25 is a coin.</dd>\n"
        "<dt>Boyce</dt><dd>Continuous Boyce index: do deposits become steadily denser as the score "
        "rises? 1 yes, 0 no relation.</dd>\n"
        "<dt>Ranges</dt><dd>Bias-corrected and accelerated bootstrap over deposits (those "
        "close together are drawn together) and repeats. They cannot know about deposits nobody "
        "has found.</dd>\n</dl>\n",
        out);
}

static void input_row(FILE *out, const char *input) {
    char hex[65];
    uint64_t size;
    /* "file|layername=x" names a layer of a file. */
    char *path = lode_format("%.*s", (int)strcspn(input, "|"), input);
    fputs("<tr><td class=\"hash\">", out);
    escape(out, input);
    if (path && lode_sha256_file(path, hex, &size) == LODE_OK)
        fprintf(out, "</td><td>%llu</td><td class=\"hash\"><code>%s</code></td></tr>\n",
                (unsigned long long)size, hex);
    else
        fputs("</td><td>&ndash;</td><td>not a single file</td></tr>\n", out);
    lode_free(path);
}

static void tail(FILE *out, const lode_report *report) {
    if (report->inputs && report->inputs[0]) {
        fputs("<h2>Inputs</h2>\n<table "
              "class=\"inputs\"><tr><th>File</th><th>Bytes</th><th>SHA-256</th></tr>\n",
              out);
        for (int i = 0; report->inputs[i]; i++)
            input_row(out, report->inputs[i]);
        fputs("</table>\n", out);
    }
    if (report->command) {
        fputs("<h2>To repeat it</h2>\n<pre>", out);
        escape(out, report->command);
        fputs("</pre>\n", out);
    }
    fprintf(out, "<footer>Lode %s</footer>\n</body></html>\n", lode_version());
}

static void body(FILE *out, const lode_validation *validation, const lode_stack *stack,
                 const lode_report *report) {
    const json_t *json = validation->json;
    head(out, validation, report);
    table_of_measures(out, json);
    differences(out, json);
    permutations(out, json);
    curves(out, json);
    lode_report_maps(out, validation, lode_stack_grid(stack), report->prospectivity);
    best_targets(out, report->targets);
    fold_map(out, validation, lode_stack_grid(stack));
    what_was_done(out, json);
    choices(out, json);
    words(out, json);
    tail(out, report);
}

lode_status lode_report_write(const lode_validation *validation, lode_stack *stack,
                              const lode_report *report, const char *path) {
    char *page = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&page, &size);
    if (!out)
        return lode_fail_memory();
    body(out, validation, stack, report);
    bool failed = ferror(out) != 0;
    failed = fclose(out) != 0 || failed;
    lode_status status = failed ? lode_fail_memory() : lode_file_write(path, page, size);
    free(page);
    return status;
}
