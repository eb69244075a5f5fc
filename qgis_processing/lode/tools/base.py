"""What Lode's own QGIS algorithms share."""
import os

from qgis.core import QgsProcessingAlgorithm
from qgis.PyQt.QtGui import QIcon

from .. import helppage
from ..folder import HERE


class Tool(QgsProcessingAlgorithm):
    """Icon, id and instance making of an algorithm that works without a task."""

    def createInstance(self):  # pylint: disable=invalid-name
        """QGIS runs a fresh copy each time."""
        return type(self)()

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
        return helppage.url(self, self.shortHelpString())

    def tags(self):
        """Words the toolbox search finds it by."""
        return ["lode", "prospectivity", self.name()]
