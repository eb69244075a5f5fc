"""The plugin object that QGIS creates: registers the provider, the translation and the setting."""
import os
from contextlib import suppress
from functools import partial

from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QCoreApplication, QLocale, Qt, QTranslator

from .folder import HERE
from .provider import SETTING, LodeProvider
from .window import open_dialog, open_sample
from .text import tr


def _locale():
    """QGIS's language: the user's choice, else the system's."""
    settings = QgsSettings()
    if settings.value("locale/overrideFlag", False, type=bool):
        return settings.value("locale/userLocale", "", type=str) or QLocale.system().name()
    return QLocale.system().name()


class LodePlugin:
    """Registers Lode's Processing provider, and a toolbar for the way from data to sheet."""

    def __init__(self, iface):
        self.iface = iface
        self.provider = None
        self.translator = None
        self.toolbar = None
        self._translate()

    def _translate(self):
        path = os.path.join(HERE, "i18n", "lode_{}.qm")
        for name in (_locale(), _locale()[:2]):
            if os.path.exists(path.format(name)):
                self.translator = QTranslator()
                self.translator.load(path.format(name))
                QCoreApplication.installTranslator(self.translator)
                return

    def initProcessing(self):  # pylint: disable=invalid-name
        """Called by QGIS and by qgis_process."""
        self.provider = LodeProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)
        self._add_setting()

    def _add_setting(self):
        """Settings > Options > Processing > Providers > Lode > library file."""
        try:
            # pylint: disable-next=import-outside-toplevel
            from processing.core.ProcessingConfig import ProcessingConfig, Setting
        except ImportError:  # Processing's Python part is not loaded in every program
            return
        ProcessingConfig.settingIcons["Lode"] = self.provider.icon()
        ProcessingConfig.addSetting(Setting(
            "Lode", SETTING, tr("Lode library file (empty: found by itself)"), "",
            valuetype=Setting.FILE))
        ProcessingConfig.readSettings()

    def initGui(self):  # pylint: disable=invalid-name
        """Called by QGIS when the window is there."""
        self.initProcessing()
        self.toolbar = self.iface.addToolBar("Lode")
        self.toolbar.setObjectName("LodeToolBar")
        # pylint: disable-next=no-member
        self.toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for name, text in (("sampleproject", tr("Sample project")), ("grid", tr("Grid")),
                           ("map", tr("Map")), ("mapsheet", tr("Sheet"))):
            action = self.toolbar.addAction(self.provider.icon(), text)
            algorithm = self.provider.algorithm(name)
            if algorithm is not None:
                action.setToolTip(algorithm.displayName())
            start = open_sample if name == "sampleproject" else partial(open_dialog, name)
            action.triggered.connect(lambda _checked=False, start=start: start())

    def unload(self):
        """Called by QGIS when the plugin is switched off."""
        if self.toolbar is not None:
            self.toolbar.deleteLater()
            self.toolbar = None
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        if self.translator is not None:
            QCoreApplication.removeTranslator(self.translator)
        with suppress(ImportError, KeyError):
            # pylint: disable-next=import-outside-toplevel
            from processing.core.ProcessingConfig import ProcessingConfig
            ProcessingConfig.removeSetting(SETTING)
