/* pool.h - every place a validation looks at, drawn once, and how it is divided into folds.
 *
 * A run is one set of deposits and background dealt to folds: each repeat is a run with new
 * background and new folds, each permutation a run whose deposits were moved. Features are computed
 * once for the pool; a trial (one fold of one run) only picks rows. */
#ifndef LODE_VALIDATE_POOL_H
#define LODE_VALIDATE_POOL_H

#include "validate/sampling.h"
#include "validate/validate.h"

/* Deposits first, then background in random order. */
typedef struct lode_run {
    size_t n, deposits;
    size_t *place;          /* [n] number in the pool */
    unsigned char *deposit; /* [n] */
    int *block, *fold;      /* [n] */
    int folds;
    lode_blocks blocks;
} lode_run;

typedef struct lode_pool {
    size_t n;            /* places; the first `deposits` are the known deposits */
    int *columns, *rows; /* [n] cells */
    double *x, *y;       /* [n] metres along rows and down columns */
    size_t deposits;
    lode_run *runs; /* [repeats + permutations] */
    int repeats, permutations;
    double block, window, exclusion; /* metres */
    double buffer;                   /* metres, as used */
    bool shortened;                  /* the buffer of one window left too little to train on */
    double cluster_distance;         /* metres: a quarter of the mean spacing of deposits */
    int *cluster;        /* [deposits] the group of deposits that a deposit belongs to */
    int clusters;        /* groups of deposits closer to each other than that */
    int divided;         /* of them, those with deposits in several folds; most over the repeats */
    double sample_limit; /* metres from a sample within which background lies; 0 = anywhere */
    lode_blocks blocks;  /* of the first repeat */
    struct {
        size_t read, outside, without_data, same_cell;
    } layer; /* what became of the deposit layer's features */
} lode_pool;

/* half_window: cells, of the widest method. sampling may be NULL. */
lode_status lode_pool_draw(lode_stack *stack, const lode_recipe *recipe, int half_window,
                           const lode_sampling *sampling, const lode_validate_options *options,
                           const lode_progress *progress, lode_pool **pool);
void lode_pool_free(lode_pool *pool);
/* Of all repeats: new blocks in every repeat may hold deposits in fewer or more of them. */
int lode_pool_fewest_folds(const lode_pool *pool);

/* One fold of a run: test = the fold's places; train = places of other folds, without those within
 * the buffer of a test deposit and with at most LODE_TRAIN_BACKGROUND of background. Numbers are
 * positions in the run. */
enum { LODE_TRAIN_BACKGROUND = 1000 };
typedef struct lode_trial {
    const lode_pool *pool;
    const lode_run *run;
    int number; /* of the run; seeds differ by it */
    int fold;
    size_t *train, *test;
    size_t train_count, test_count, train_deposits;
} lode_trial;

lode_status lode_trial_create(const lode_pool *pool, int run, int fold, lode_trial *trial);
void lode_trial_free(lode_trial *trial);

#endif
