/* mlp.h - the small network behind an encoder during contrastive training: linear, batch
 * normalisation, ReLU, linear. Projection head of SimCLR and MoCo v2, projector and predictor of
 * BYOL. It is not part of the model. */
#ifndef LODE_CONTRAST_MLP_H
#define LODE_CONTRAST_MLP_H

#include "encoder/encoder.h"
#include "nn/team.h"

typedef struct lode_mlp lode_mlp;

/* For at most `rows` rows. Weights are drawn from seed and stream. */
lode_status lode_mlp_create(int inputs, int hidden, int outputs, int rows, uint64_t seed,
                            uint64_t stream, lode_mlp **mlp);
void lode_mlp_free(lode_mlp *mlp);

int lode_mlp_tensor_count(const lode_mlp *mlp);
void lode_mlp_tensor(lode_mlp *mlp, int index, lode_tensor_view *view);
float *lode_mlp_gradient(lode_mlp *mlp, int index);

/* x[rows][inputs] -> [rows][outputs], owned by the mlp until the next forward. x must stay as it is
 * until backward. */
const float *lode_mlp_forward(lode_mlp *mlp, lode_team *team, int rows, const float *x);
/* dy of the last forward -> dx, owned by the mlp until the next backward; overwrites the gradients.
 */
const float *lode_mlp_backward(lode_mlp *mlp, lode_team *team, const float *dy);

#endif
