"""What Lode's own QGIS algorithms share."""
import html
import os

from qgis.core import QgsProcessingAlgorithm
from qgis.PyQt.QtGui import QIcon

from .. import helppage
from ..folder import HERE
from ..text import tr


class Tool(QgsProcessingAlgorithm):
    """Icon, id and instance making of an algorithm that works without a task."""

    def createInstance(self):  # pylint: disable=invalid-name
        """QGIS runs a fresh copy each time."""
        return type(self)()

    def texts(self):
        """What the algorithm does, a text a paragraph."""
        raise NotImplementedError

    def explain(self, helps):
        """Gives parameters their help, by their names."""
        for name, text in helps.items():
            self.parameterDefinition(name).setHelp(text)

    def _body(self):
        return "".join("<p>{}</p>".format(html.escape(text)) for text in self.texts())

    def shortHelpString(self):  # pylint: disable=invalid-name
        """Help beside the dialog: what it does, then the parameters that need a word."""
        parts = [self._body()]
        for title, outputs in ((tr("Inputs and options"), False), (tr("Outputs"), True)):
            entries = ["<p><b>{}</b><br>{}</p>".format(html.escape(d.description()),
                                                       html.escape(d.help()))
                       for d in self.parameterDefinitions()
                       if d.isDestination() == outputs and d.help()]
            parts += ["<h3>{}</h3>".format(title)] + entries if entries else []
        return "".join(parts)

    def groupId(self):  # pylint: disable=invalid-name
        """The group without spaces."""
        return self.GROUP_ID

    def icon(self):
        """The plugin's icon."""
        return QIcon(os.path.join(HERE, "icon.svg"))

    def svgIconPath(self):  # pylint: disable=invalid-name
        """The same for QGIS's own use."""
        return os.path.join(HERE, "icon.svg")

    def helpUrl(self):  # pylint: disable=invalid-name
        """The page behind the Help button."""
        return helppage.url(self, self._body())

    def tags(self):
        """Words the toolbox search finds it by."""
        return ["lode", "prospectivity", self.name()]
