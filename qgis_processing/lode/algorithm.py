"""One Processing algorithm class that serves every task of the registry."""
import html
import os
import weakref

from qgis.core import (QgsProcessingAlgorithm, QgsProcessingException,
                       QgsProcessingParameterBoolean, QgsProcessingParameterFileDestination)
from qgis.PyQt.QtGui import QIcon

from . import checks, enums, helppage, native, report, results
from .feedback import Reporter
from .folder import HERE
from .messages import translated
from .registry import for_people, make_parameters, parameter_help
from .suggest import suggest
from .text import registry_text, tr
from .values import Reader, write_options

OPEN_RESULTS = "OPEN_RESULTS"
SUMMARY = "SUMMARY"


class LodeAlgorithm(QgsProcessingAlgorithm):
    """A task of liblode."""

    def __init__(self, task):
        super().__init__()
        self.task = task
        self._options = []
        self._made_by = lambda: None
        self._verdict = ""

    def createInstance(self):  # pylint: disable=invalid-name
        """QGIS runs a fresh copy each time."""
        made = LodeAlgorithm(self.task)
        made._made_by = weakref.ref(self)  # pylint: disable=protected-access
        return made

    # What it is

    def name(self):
        """The task's name, so that the id is lode:NAME."""
        return self.task.name

    def displayName(self):  # pylint: disable=invalid-name
        """Shown in the toolbox."""
        return registry_text(self.task.title)

    def group(self):
        """Groups follow the order of the work."""
        return registry_text(self.task.group)

    def groupId(self):  # pylint: disable=invalid-name
        """The group without spaces."""
        return self.task.group.lower().replace(" ", "")

    def shortDescription(self):  # pylint: disable=invalid-name
        """Tooltip in the toolbox."""
        return registry_text(self.task.summary)

    def tags(self):
        """Words the toolbox search finds it by."""
        return ["lode", "prospectivity", "mineral", "geochemistry", self.task.name]

    def icon(self):
        """The plugin's icon."""
        return QIcon(os.path.join(HERE, "icon.svg"))

    def svgIconPath(self):  # pylint: disable=invalid-name
        """The same for QGIS's own use."""
        return os.path.join(HERE, "icon.svg")

    def shortHelpString(self):  # pylint: disable=invalid-name
        """Help beside the dialog: the task's text, then every parameter."""
        text = [self._body()]
        for title, wanted in ((tr("Inputs and options"), False), (tr("Outputs"), True)):
            entries = ["<p><b>{}</b><br>{}</p>".format(html.escape(p.title()),
                                                       html.escape(parameter_help(self.task, p)))
                       for p in self.task.parameters if p.is_output == wanted]
            if entries:
                text += ["<h3>{}</h3>".format(title)] + entries
        return "".join(text + [self._command_line()])

    def _body(self):
        """The task's text."""
        return "".join("<p>{}</p>".format(
            for_people(self.task, html.escape(registry_text(part), quote=False), "<i>{}</i>"))
                       for part in self.task.help.split("\n\n") if part.strip())

    def helpUrl(self):  # pylint: disable=invalid-name
        """The page behind the Help button."""
        return helppage.url(self, self._body() + self._command_line())

    def _command_line(self):
        return "<p>{}</p>".format(
            tr("On the command line: {}").format("<code>lode {}</code>".format(self.task.name)))

    # What it takes and gives

    def initAlgorithm(self, _configuration=None):  # pylint: disable=invalid-name
        """Parameters and outputs from the registry."""
        for definition in make_parameters(self.task):
            if not definition.flags() & enums.OPTIONAL:
                suggest(definition, definition.name().lower())
            self.addParameter(definition)
        for product in self.task.products:
            self.addOutput(product.definition())
        if self.task.products:
            self.addParameter(QgsProcessingParameterBoolean(
                OPEN_RESULTS, tr("Open the resulting layers"), True))
        if not any(p.is_output for p in self.task.parameters):
            self.addParameter(QgsProcessingParameterFileDestination(
                SUMMARY, tr("Summary"), tr("HTML report") + " (*.html)", None, True, True))
        elif self.task.makes_model():
            self.addParameter(QgsProcessingParameterFileDestination(
                SUMMARY, tr("Model and training curve"), tr("HTML report") + " (*.html)", None,
                True, True))

    def canExecute(self):  # pylint: disable=invalid-name
        """QGIS greys the algorithm out without the library."""
        problem = self.provider().problem() if self.provider() else ""
        return not problem, problem

    def checkParameterValues(self, parameters, context):  # pylint: disable=invalid-name
        """One sentence that says what to change, before any work is done."""
        good, message = super().checkParameterValues(parameters, context)
        if not good:
            return good, message
        message = checks.first_mistake(self, parameters, context)
        return not message, message

    # The run

    def _library(self):
        try:
            return self.provider().library()
        except native.NativeError as error:
            raise QgsProcessingException(str(error)) from None

    def prepareAlgorithm(self, parameters, context, feedback):  # pylint: disable=invalid-name
        """On the main thread, the only place where layers are touched."""
        self._library()
        self._options = Reader(self, parameters, context, feedback).options()
        return True

    def processAlgorithm(self, parameters, context, feedback):  # pylint: disable=invalid-name
        """Runs the task on a worker thread."""
        outputs, paths = write_options(self, parameters, context)
        reporter = Reporter(feedback, self.task.name, self._words)
        try:
            measured = self._library().run(self.task.name, self._options + outputs,
                                           reporter.progress, reporter.log)
        except native.Cancelled:
            context.setLayersToLoadOnCompletion({})
            feedback.pushInfo(tr("Cancelled. No output was written."))
            return {}
        except native.NativeError as error:
            context.setLayersToLoadOnCompletion({})
            raise QgsProcessingException(self._words(str(error))) from None
        run = results.Run(self.task, paths, measured, reporter)
        if self.parameterDefinition(SUMMARY) is not None and parameters.get(SUMMARY):
            path = self.parameterAsFileOutput(parameters, SUMMARY, context)
            report.write(path, self.displayName(), self._to_tell(run, measured))
            run.paths[SUMMARY] = path
        open_results = bool(self.task.products) and self.parameterAsBoolean(
            parameters, OPEN_RESULTS, context)
        run.finish(context, feedback, open_results)
        self._verdict = translated(measured.get("verdict", ""))
        return run.values()

    def _words(self, text):
        """A message of the library with the names that options have in the dialog."""
        return for_people(self.task, text)

    def _to_tell(self, run, measured):
        """What the summary shows: the model that was made, else what was measured."""
        if not self.task.makes_model():
            return measured
        model = self._library().model(next(run.paths[key] for key in self.task.model_keys()
                                           if key in run.paths))
        model.pop("needs")
        return model

    def postProcessAlgorithm(self, _context, _feedback):  # pylint: disable=invalid-name
        """The results viewer names a report by its output's description: the verdict says more
        there than 'Report'. QGIS asks the dialog's copy of this algorithm, which made this one."""
        for algorithm in (self, self._made_by()):
            for output in algorithm.outputDefinitions() if algorithm and self._verdict else []:
                if output.type() == "outputHtml" and output.name() != SUMMARY:
                    output.setDescription("{}: {}".format(self.displayName(), self._verdict))
        return {}
