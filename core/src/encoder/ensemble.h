/* ensemble.h - several dense encoders of different seeds as one: their embeddings end to end.
 *
 * What an encoder learns depends on its first weights and on the places it happened to see. A head
 * on the embeddings of several seeds averages over that, and heads on one of them each show how
 * much it matters (Lakshminarayanan, Pritzel and Blundell 2017, NeurIPS 30).
 *
 * Hyper-parameters (JSON): "members" 2 .. 20, "member" those of the dense encoder. Tensors:
 * "member1.conv0.weight" ... */
#ifndef LODE_ENCODER_ENSEMBLE_H
#define LODE_ENCODER_ENSEMBLE_H

#include "encoder/encoder.h"

extern const lode_encoder_kind lode_encoder_ensemble;

enum { LODE_MOST_MEMBERS = 20 };

/* Encoders inside: 1 for every other kind. */
int lode_encoder_members(const lode_encoder *encoder);
/* One of them, borrowed. */
const lode_encoder *lode_ensemble_member(const lode_encoder *ensemble, int member);

/* Takes dense encoders of equal shape, members[count], into one; they belong to it afterwards (the
 * pointers are set to NULL). *ensemble is new; prepare it. */
lode_status lode_ensemble_gather(lode_encoder **members, int count, lode_encoder **ensemble);

#endif
