#include "util/progress.h"

#include "util/error.h"

lode_progress lode_progress_part(const lode_progress *parent, double from, double to) {
    lode_progress none = {NULL, NULL, 0, 1};
    lode_progress part = parent ? *parent : none;
    double width = part.to - part.from;
    part.to = part.from + width * to;
    part.from = part.from + width * from;
    return part;
}

lode_status lode_progress_report(const lode_progress *progress, double fraction,
                                 const char *message) {
    if (!progress || !progress->function)
        return LODE_OK;
    double complete = progress->from + (progress->to - progress->from) * fraction;
    if (progress->function(complete, message, progress->user))
        return LODE_OK;
    return lode_fail(LODE_ERROR_CANCELLED, "Cancelled by the user; nothing was written.");
}
