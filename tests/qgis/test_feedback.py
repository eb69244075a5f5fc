"""Progress texts, remaining time and log lines."""
from qgis.core import QgsProcessingFeedback

from lode import native
from lode.feedback import Reporter, duration, phase
from lode.registry import for_people


class Recorder(QgsProcessingFeedback):
    """Keeps what is said."""

    def __init__(self):
        super().__init__(False)
        self.said, self.commands, self.warned = [], [], []
        self.informed, self.tables = [], []

    def setProgressText(self, text):
        self.said.append(text)

    def pushCommandInfo(self, info):
        self.commands.append(info)

    def pushInfo(self, info):
        self.informed.append(info)

    def pushConsoleInfo(self, info):
        self.tables.append(info)

    def pushWarning(self, warning):
        self.warned.append(warning)


def test_same_phase_is_said_every_second_and_then_every_five_with_the_time_left():
    now = [0.0]
    feedback = Recorder()
    reporter = Reporter(feedback, "map", clock=lambda: now[0])
    for step in range(0, 101):
        now[0] = step * 0.25
        assert reporter.progress(step / 100, "pretraining, step {} of 100".format(step))
    assert feedback.said == ["pretraining, step 0 of 100",
                             "pretraining, step 4 of 100",
                             "pretraining, step 8 of 100",
                             "pretraining, step 12 of 100 (about 22 s left)",
                             "pretraining, step 32 of 100 (about 17 s left)",
                             "pretraining, step 52 of 100 (about 12 s left)",
                             "pretraining, step 72 of 100 (about 7 s left)",
                             "pretraining, step 92 of 100 (about 2 s left)"]
    assert feedback.progress() == 100


def test_new_phase_is_said_at_once():
    feedback = Recorder()
    reporter = Reporter(feedback, "map", clock=lambda: 0.0)
    reporter.progress(0.1, "reading")
    reporter.progress(0.1, "fitting")
    assert feedback.said == ["reading", "fitting"]


def test_cancel_reaches_the_library():
    feedback = Recorder()
    feedback.cancel()
    assert Reporter(feedback, "map").progress(0.5, "") is False


def test_warnings_and_command_are_kept():
    feedback = Recorder()
    reporter = Reporter(feedback, "map")
    reporter.log(native.LOG_WARNING, "few deposits")
    reporter.log(native.LOG_DEBUG, "lode map a b c")
    assert feedback.warned == reporter.warnings == ["few deposits"]
    assert feedback.commands == [reporter.command] == ["lode map a b c"]


def test_duration_and_phase():
    assert [duration(s) for s in (0.2, 59, 61, 3600, 5400)] == ["1 s", "59 s", "1 min", "1 h 0 min",
                                                               "1 h 30 min"]
    assert phase("step 12 of 30, loss 3.41") == phase("step 13 of 30, loss 3.2")


def test_same_warning_is_said_once_and_commands_inside_are_not_said():
    feedback = Recorder()
    reporter = Reporter(feedback, "map")
    for _ in range(2):
        reporter.log(native.LOG_WARNING, "few deposits")
    for command in ("lode map a b c", "lode pretrain a x", "lode fit x a b y"):
        reporter.log(native.LOG_DEBUG, command)
    assert feedback.warned == reporter.warnings == ["few deposits"]
    assert feedback.commands == ["lode map a b c"]


def test_log_has_the_words_of_the_dialog_and_tables_keep_their_columns(provider):
    task = provider.algorithm("grid").task
    feedback = Recorder()
    reporter = Reporter(feedback, "grid", lambda text: for_people(task, text))
    reporter.log(native.LOG_INFO, "Cells further away get no data (--max-distance changes it).")
    reporter.log(native.LOG_INFO, "Au_ppb    Au   ppb     12")
    assert feedback.informed == [
        "Cells further away get no data ('Largest distance to a sample' changes it)."]
    assert feedback.tables == ["Au_ppb    Au   ppb     12".replace(" ", "\u00a0")]
