#include "encoder/winograd.h"

#include "test.h"
#include "util/memory.h"
#include "util/random.h"

enum { CHANNELS = 16, OUTPUTS = 16, WIDE = 200, IN = LODE_WINOGRAD_INPUTS };
enum { OUT = LODE_WINOGRAD_OUTPUTS, POINTS = LODE_WINOGRAD_POINTS };

/* The rows that a row of tiles sees. */
static float rows[IN][WIDE][CHANNELS], weights[3][3][CHANNELS][OUTPUTS], bias[OUTPUTS];

static void fill(float *values, size_t count, uint64_t stream) {
    lode_random random = lode_random_stream(1, stream);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)lode_random_normal(&random);
}

static int setup(void **state) {
    (void)state;
    fill(&rows[0][0][0], sizeof rows / sizeof(float), 1);
    fill(&weights[0][0][0][0], sizeof weights / sizeof(float), 2);
    fill(bias, OUTPUTS, 3);
    return 0;
}

/* Output channel k in a row that comes out, at a column, tap by tap. */
static double plain(int row, int column, int dilation, int k) {
    double sum = bias[k];
    for (int r = 0; r < 3; r++)
        for (int t = 0; t < 3; t++)
            for (int c = 0; c < CHANNELS; c++)
                sum += (double)rows[row + r][column + t * dilation][c] * weights[r][t][c][k];
    return sum > 0 ? sum : 0;
}

/* The same by tiles, those from `from` on: [4][end - first][OUTPUTS]. */
static void tiled(const lode_winograd *cover, int from, float *out) {
    static float points[POINTS][CHANNELS][OUTPUTS];
    size_t tiles = (size_t)(cover->tiles - from), wide = (size_t)(cover->end - cover->first);
    float *input = lode_alloc(POINTS * tiles, CHANNELS * sizeof *input);
    float *sums = lode_alloc(POINTS * tiles, OUTPUTS * sizeof *sums);
    const float *in[IN];
    float *to[OUT];
    for (size_t r = 0; r < IN; r++)
        in[r] = &rows[r][cover->first][0];
    for (size_t r = 0; r < OUT; r++)
        to[r] = out + r * wide * OUTPUTS;
    lode_winograd_weights(&weights[0][0][0][0], CHANNELS, OUTPUTS, &points[0][0][0]);
    lode_winograd_input(cover, from, (int)tiles, in, CHANNELS, input);
    for (size_t i = 0; i < POINTS * tiles; i++)
        for (int c = 0; c < CHANNELS; c++)
            for (int k = 0; k < OUTPUTS; k++)
                sums[i * OUTPUTS + (size_t)k] +=
                    input[i * CHANNELS + (size_t)c] * points[i / tiles][c][k];
    lode_winograd_output(cover, from, (int)tiles, sums, bias, OUTPUTS, to);
    lode_free(input);
    lode_free(sums);
}

static void tiles_give_the_plain_sums(void **state) {
    (void)state;
    const int ranges[][2] = {{0, 1}, {0, 4}, {5, 6}, {31, 33}, {16, 80}, {17, 83}, {63, 130}};
    for (int dilation = 1; dilation <= LODE_WINOGRAD_MAX_DILATION; dilation++)
        for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
            int from = ranges[i][0], to = ranges[i][1];
            lode_winograd cover = lode_winograd_cover(from, to, dilation);
            assert_true(cover.first <= from && cover.first % (4 * dilation) == 0);
            assert_int_equal(cover.end, to);
            assert_true(cover.input_end <= WIDE);
            int wide = cover.end - cover.first;
            float *out = lode_alloc((size_t)(OUT * wide), OUTPUTS * sizeof *out);
            tiled(&cover, 0, out);
            tiled(&cover, cover.tiles / 2, out); /* the same again */
            for (int row = 0; row < OUT; row++)
                for (int x = from; x < to; x++)
                    for (int k = 0; k < OUTPUTS; k++)
                        assert_float_equal(out[(row * wide + x - cover.first) * OUTPUTS + k],
                                           plain(row, x, dilation, k), 5e-4);
            lode_free(out);
        }
}

/* Columns 0 to 257 at dilation 4: 16 whole blocks of 16 columns are 64 tiles; columns 256 and 257
 * are the first of two tiles more, and the last input that these see lies 5 x 4 further. */
static void cover_holds_no_more_than_it_must(void **state) {
    (void)state;
    lode_winograd cover = lode_winograd_cover(0, 258, 4);
    assert_int_equal(cover.first, 0);
    assert_int_equal(cover.tiles, 64 + 2);
    assert_int_equal(cover.input_end, 257 + 20 + 1);
    cover = lode_winograd_cover(21, 22, 4);
    assert_int_equal(cover.first, 16);
    assert_int_equal(cover.tiles, 4);
    assert_int_equal(cover.input_end, 16 + 4 + 20);
    cover = lode_winograd_cover(-3, 5, 1);
    assert_int_equal(cover.first, -4);
    assert_int_equal(cover.tiles, 3);
}

/* From the first to the last column that an output of some tiles goes to. */
static void columns_are_those_that_are_written(void **state) {
    (void)state;
    static const int ends[] = {1, 4, 21, 64, 130};
    static float sums[POINTS * WIDE * OUTPUTS], out[OUT][WIDE][OUTPUTS];
    float *to[OUT];
    for (int r = 0; r < OUT; r++)
        to[r] = &out[r][0][0];
    for (int dilation = 1; dilation <= LODE_WINOGRAD_MAX_DILATION; dilation++)
        for (size_t e = 0; e < sizeof ends / sizeof *ends; e++) {
            lode_winograd cover = lode_winograd_cover(0, ends[e], dilation);
            for (int tile = 0; tile < cover.tiles; tile++)
                for (int count = 1; count <= cover.tiles - tile; count++) {
                    int from, end, first = 0, last = ends[e] - 1;
                    for (int column = 0; column < WIDE; column++)
                        out[0][column][0] = -1; /* which no output is */
                    lode_winograd_output(&cover, tile, count, sums, bias, OUTPUTS, to);
                    while (out[0][first][0] < 0)
                        first++;
                    while (out[0][last][0] < 0)
                        last--;
                    lode_winograd_columns(&cover, tile, count, &from, &end);
                    assert_int_equal(from, first);
                    /* The last tile's columns are d apart: cut, it may end before those do. */
                    assert_in_range(end, last + 1, ends[e]);
                    if (end < ends[e])
                        assert_int_equal(end, last + 1);
                }
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_give_the_plain_sums),
        cmocka_unit_test(cover_holds_no_more_than_it_must),
        cmocka_unit_test(columns_are_those_that_are_written),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
