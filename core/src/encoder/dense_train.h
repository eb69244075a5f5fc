/* dense_train.h - training of the dense encoder on batches of tiles. */
#ifndef LODE_ENCODER_DENSE_TRAIN_H
#define LODE_ENCODER_DENSE_TRAIN_H

#include "encoder/train.h"

extern const lode_train_kind lode_dense_train;

#endif
