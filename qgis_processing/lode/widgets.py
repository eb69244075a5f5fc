"""What QGIS's own parameter widgets cannot show: labels of choices, columns ticked beforehand.

Each class here keeps QGIS's widget and changes what it shows; the values stay QGIS's. QGIS finds
the classes by the metadata that registry.py gives to a parameter; they are used in the
dialogs and in batch. (The model designer shows QGIS's plain widgets.)
"""
from processing.gui.wrappers import WidgetWrapper
from qgis.gui import QgsGui
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox

from .recognise import element_columns


class Decorated(WidgetWrapper):
    """A wrapper around QGIS's own wrapper of the same parameter."""

    _own = None

    def createWidget(self, **options):  # pylint: disable=invalid-name,arguments-differ
        """QGIS's widget, decorated."""
        self._own = QgsGui.processingGuiRegistry().createParameterWidgetWrapper(
            self.parameterDefinition(), self.dialogType)
        self._own.widgetValueHasChanged.connect(
            lambda *_: self.widgetValueHasChanged.emit(self))
        widget = self._own.createWrappedWidget(self._context())
        self.decorate(widget, options)
        return widget

    def createLabel(self):  # pylint: disable=invalid-name
        """QGIS's label, which says 'optional' in the user's language."""
        return self._own.createWrappedLabel()

    def _context(self):
        """The processing context; QGIS hands it over only after the widget is made."""
        # pylint: disable-next=import-outside-toplevel
        from processing.tools import dataobjects
        return dataobjects.createContext()

    def decorate(self, widget, options):
        """What a class here adds to QGIS's widget."""

    def setWidgetContext(self, context):  # pylint: disable=invalid-name
        """Passed on to QGIS's wrapper."""
        super().setWidgetContext(context)
        self._own.setWidgetContext(context)

    def registerProcessingContextGenerator(self, generator):  # pylint: disable=invalid-name
        """Passed on to QGIS's wrapper."""
        super().registerProcessingContextGenerator(generator)
        self._own.registerProcessingContextGenerator(generator)

    def setValue(self, value):  # pylint: disable=invalid-name
        """Shows a value."""
        self._own.setParameterValue(value, self._context())

    def value(self):
        """The value as QGIS's wrapper has it."""
        return self._own.parameterValue()

    def postInitialize(self, wrappers):  # pylint: disable=invalid-name
        """All widgets of the dialog are there."""
        super().postInitialize(wrappers)
        self._own.postInitialize(wrappers)


class Choice(Decorated):
    """One or several of a list of words, shown by their labels."""

    def decorate(self, widget, options):
        """Replaces the words by labels; QGIS keeps the words as the items' data."""
        labels = dict(zip(self.parameterDefinition().options(), options.get("labels", [])))
        boxes = [widget] if isinstance(widget, QComboBox) else widget.findChildren(QComboBox)
        for box in boxes:
            for row in range(box.count()):
                box.setItemText(row, labels.get(box.itemText(row), box.itemText(row)))
        for box in widget.findChildren(QCheckBox):
            box.setText(labels.get(box.text(), box.text()))


class Columns(Decorated):
    """Columns of a layer, with those ticked that Lode recognises as elements."""

    _ticked = None  # what was ticked here and not by the user

    def postInitialize(self, wrappers):  # pylint: disable=invalid-name
        """Ticks columns now and whenever another layer is chosen."""
        super().postInitialize(wrappers)
        parent = self.parameterDefinition().parentLayerParameterName()
        for wrapper in wrappers:
            if wrapper.parameterDefinition().name() == parent:
                wrapper.widgetValueHasChanged.connect(self._tick)
                self._tick(wrapper)

    def _tick(self, parent):
        if self.value() not in (None, [], self._ticked):
            return  # the user's own choice
        self._ticked = element_columns(parent.parameterValue(), self._context())
        self.setValue(self._ticked)
