"""The library's most frequent messages in the user's language.

liblode speaks English, so that its messages can be searched for; what every run says is translated
here. {} stands for what the library fills in. A test looks each of these up in its source.
"""
import re

from .text import later, tr

FREQUENT = (
    # Progress
    later("reading the stack"), later("looking for cells with data"),
    later("pretraining, step {} of {}, loss {}"), later("settling normalisation"),
    later("pretrained"), later("reading places"), later("choosing the head's inputs"),
    later("fitting the head"), later("mapping"), later("drawing background"),
    later("reading bands"), later("best single band"), later("intervals"),
    later("contrastive embedding and head"), later("ridge logistic on the bands"),
    later("regions"), later("writing"), later("Fitting variograms"), later("Gridding"),
    # Log
    later("Bands: {} elements ({}) and {} other layers (scaled only)."),
    later("Deposits: {} read from '{}', {} used ({} outside the stack, {} on cells without data, "
          "{} in the cell of another)."),
    later("Head: {} % from {}, strength {} (AUC {} in inner spatial folds)."),
    later("Together: AUC {} in inner spatial folds."),
    later("{} targets, {} km2 in all, score at least {}."),
    later("{} samples in '{}' (layer {}), {} elements used of {} columns found."),
    # The report, on the sheet too
    later("The buffer between test deposits and training places is {} instead of one window ({}), "
          "because a whole window would leave under two thirds of the deposits to train on. "
          "Windows of test and training places overlap in part, so the values may be optimistic."),
    later("'{}' ranks deposits it was not shown above background with an AUC of {} ({} to {}; 0.50 "
          "is chance); the best tenth of the area holds {} % of them."),
)


def _pattern(template):
    return re.compile("(.+?)".join(re.escape(part) for part in template.split("{}")), re.DOTALL)


_PATTERNS = [(_pattern(template), template) for template in FREQUENT]


def translated(message):
    """A message of the library as the user reads it; as it is where it is not translated."""
    for pattern, template in _PATTERNS:
        match = pattern.fullmatch(message)
        if match:
            return tr(template).format(*match.groups())
    return message
