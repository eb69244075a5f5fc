/* lode_fingerprint.h - notices that overviews or statistics were made from another model or stack.
 */
#ifndef LODE_FINGERPRINT_H
#define LODE_FINGERPRINT_H

#include <stdint.h>

#include <cpl_port.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Starts with a text (the choice of bands and options), then takes files in. Names and times do not
 * count, so a folder may be moved and copied. */
uint64_t lode_fingerprint_text(const char *text);
/* All bytes: for the model. */
uint64_t lode_fingerprint_file(uint64_t fingerprint, const char *path);
/* Size and 256 samples of 4 KB spread over each file: for the files of the stack, so that opening a
 * large stack stays quick. Of files behind a network only size and time count. */
uint64_t lode_fingerprint_samples(uint64_t fingerprint, CSLConstList paths);

#ifdef __cplusplus
}
#endif
#endif
