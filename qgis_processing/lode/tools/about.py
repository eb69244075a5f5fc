"""lode:about - which library is used, and how to cite and find help."""
from qgis.core import Qgis, QgsProcessingParameterFileDestination

from .. import native, report
from ..text import tr
from .base import Tool


class About(Tool):
    """Writes a page about the plugin and the library it uses."""

    GROUP_ID = "help"

    def name(self):
        """lode:about."""
        return "about"

    def displayName(self):  # pylint: disable=invalid-name
        """Shown in the toolbox."""
        return tr("About Lode")

    def group(self):
        """After the numbered groups."""
        return tr("Help")

    def texts(self):
        """What it does."""
        return (tr(
            "Shows which Lode library QGIS uses, where it was found and which tasks it offers. Run "
            "this first when something does not work: it says what is missing and what to do."),)

    def initAlgorithm(self, _configuration=None):  # pylint: disable=invalid-name
        """One page."""
        self.addParameter(QgsProcessingParameterFileDestination(
            "OUTPUT", tr("Page about Lode"), tr("HTML report") + " (*.html)"))

    def facts(self):
        """What is known about the installation, by name."""
        facts = {"QGIS": Qgis.QGIS_VERSION, tr("Interface"): native.ABI}
        provider = self.provider()
        if provider is not None and not provider.problem():
            library = provider.library()
            facts["Lode"] = library.version
            facts[tr("Library file")] = library.path
            facts[tr("Tasks")] = [task["name"] for task in library.tasks()["tasks"]]
        elif provider is not None:
            facts[tr("Problem")] = provider.problem()
        return facts

    def processAlgorithm(self, parameters, context, feedback):  # pylint: disable=invalid-name
        """Writes the page and says the same in the log."""
        facts = self.facts()
        for name, fact in facts.items():
            text = ", ".join(fact) if isinstance(fact, list) else fact
            feedback.pushInfo("{}: {}".format(name, text))
        path = self.parameterAsFileOutput(parameters, "OUTPUT", context)
        report.write(path, tr("About Lode"), facts)
        return {"OUTPUT": path}
