"""Progress, remaining time and log lines of a running task, shown through a QGIS feedback."""
import re
import time

from . import native
from .messages import translated
from .text import tr

SAY_EVERY = 5.0  # seconds between two lines of the same phase in the log,
SAY_FIRST = 1.0  # and at the start of a phase, when the user waits to see that it goes on
FIRST_LINES = 3


def duration(seconds):
    """"40 s", "3 min", "1 h 20 min"."""
    if seconds < 60:
        return tr("{} s").format(max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 60:
        return tr("{} min").format(minutes)
    return tr("{} h {} min").format(minutes // 60, minutes % 60)


def phase(message):
    """What a message is about, without its numbers: 'pretraining, step'."""
    return re.sub(r"[\d.,]+", "", message).strip()


class Reporter:
    """Passes liblode's callbacks on to QGIS. QGIS writes every progress text into its log, so the
    same phase is repeated only every few seconds."""

    def __init__(self, feedback, task, words=str, clock=time.monotonic):
        """words(text) gives a message of the library the names that things have in QGIS."""
        self._feedback, self._task, self._words, self._clock = feedback, task, words, clock
        self._start = self._said_at = clock()
        self._said, self._phase, self._percent, self._lines = "", "", -1.0, 0
        self.warnings = []
        self.command = ""

    def remaining(self, complete):
        """Seconds left if work goes on as fast as until now; None while nobody can know."""
        elapsed = self._clock() - self._start
        if complete < 0.02 or elapsed < 3 or complete >= 1:
            return None
        return elapsed * (1 - complete) / complete

    def progress(self, complete, message):
        """liblode's progress callback; False cancels."""
        percent = 100 * complete
        if abs(percent - self._percent) >= 0.1:
            self._feedback.setProgress(percent)
            self._percent = percent
        if message and message != self._said:
            self._say(message, complete)
        return not self._feedback.isCanceled()

    def _say(self, message, complete):
        now = self._clock()
        self._lines = self._lines + 1 if phase(message) == self._phase else 0
        wait = SAY_FIRST if self._lines <= FIRST_LINES else SAY_EVERY
        if self._lines and now - self._said_at < wait:
            self._lines -= 1
            return
        self._said, self._phase, self._said_at = message, phase(message), now
        message, left = translated(message), self.remaining(complete)
        if left is not None:
            message = tr("{} (about {} left)").format(message, duration(left))
        self._feedback.setProgressText(message)

    def log(self, level, message):
        """liblode's log callback."""
        if level == native.LOG_WARNING:
            self._warn(message)
        elif level == native.LOG_INFO:
            self._inform(self._words(translated(message)))
        elif not message.startswith("lode "):
            self._feedback.pushDebugInfo(message)
        elif message.startswith("lode " + self._task) and not self.command:
            self.command = message  # those that follow are of tasks inside this one
            self._feedback.pushInfo(tr("The same on the command line:"))
            self._feedback.pushCommandInfo(message)

    def _warn(self, message):
        """Once, though several tasks inside this one may find the same."""
        if message not in self.warnings:
            self.warnings.append(message)
            self._feedback.pushWarning(self._words(translated(message)))

    def _inform(self, message):
        """The rows of a table in type of one width, with their spaces, which HTML drops."""
        if "   " in message.strip():
            self._feedback.pushConsoleInfo(message.replace(" ", "\u00a0"))
        else:
            self._feedback.pushInfo(message)
