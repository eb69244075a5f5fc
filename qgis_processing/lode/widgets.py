"""What QGIS's own parameter widgets cannot show: labels of choices, columns ticked beforehand.

Each class here keeps QGIS's widget and changes what it shows; the values stay QGIS's. QGIS finds
the classes by the metadata that registry.py gives to a parameter; they are used in the
dialogs and in batch. (The model designer shows QGIS's plain widgets.)
"""
from processing.gui.wrappers import WidgetWrapper
from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingParameterCrs, QgsUnitTypes
from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper, QgsGui
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QWidget

from . import enums, units
from .recognise import element_columns

METRIC = QgsCoordinateReferenceSystem("EPSG:3857")  # any CRS in metres


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


class _UnitSource(QgsAbstractProcessingParameterWidgetWrapper):
    """Stands for the layer's widget where QGIS asks that for a distance's unit. QGIS itself would
    offer degrees, and no unit at all for several layers."""

    unit = units.METRE

    def __init__(self, name):
        self._definition = QgsProcessingParameterCrs(name)  # not owned by the wrapper
        super().__init__(self._definition)

    def createWidget(self):  # pylint: disable=invalid-name
        """It is never shown."""
        return QWidget()

    def setWidgetValue(self, _value, _context):  # pylint: disable=invalid-name
        """Set by show() only."""

    def widgetValue(self):  # pylint: disable=invalid-name
        """A CRS with the unit."""
        return self.unit.crs if self.unit.crs.isValid() else METRIC

    def show(self, unit):
        """Makes QGIS show another unit."""
        self.unit = unit
        self.widgetValueHasChanged.emit(self)


class Distance(Decorated):
    """A distance in the unit of the layer it belongs to; in metres where that has none."""

    _number = _choice = None  # QGIS's parts
    _source = _layers = None  # what QGIS takes for the layer's widget, and that widget

    def decorate(self, widget, options):
        """Finds QGIS's parts: a number, and where there is room a unit to choose or to read."""
        self._number = widget if isinstance(widget, QDoubleSpinBox) \
            else widget.findChild(QDoubleSpinBox)
        self._choice = None if self._number is widget else widget.findChild(QComboBox)
        if self._choice is not None:
            self._choice.currentIndexChanged.connect(self._show_decimals)

    def _show_decimals(self, *_):
        """Tenths of metres and feet, but metres of kilometres."""
        if self._choice.currentData() is not None:
            self._number.setDecimals(1 if self._shown_metres() < 10 else 3)

    def _shown_metres(self):
        """Metres in the unit that is chosen."""
        return QgsUnitTypes.fromUnitToUnitFactor(
            QgsUnitTypes.DistanceUnit(self._choice.currentData()),
            enums.METRES)

    def postInitialize(self, wrappers):  # pylint: disable=invalid-name
        """Follows the layer. QGIS's own wrapper must not see it: it would follow it as well."""
        parent = self.parameterDefinition().parentParameterName()
        self._source = _UnitSource(parent)
        self._own.postInitialize([self._source])
        for wrapper in wrappers:
            if wrapper.parameterDefinition().name() == parent:
                self._layers = wrapper
                wrapper.widgetValueHasChanged.connect(self._follow)
        self._follow()

    def _follow(self, *_):
        value = self._layers.parameterValue() if self._layers else None
        unit = units.unit_of_value(value, self._context())
        self._offer(unit)
        self._source.show(unit)
        if self._choice is None:  # a row of a batch
            self._number.setSuffix(" " + unit.name)
        elif unit.crs.isValid() and not units.is_known(unit.crs):
            self._choice.parent().findChild(QLabel).setText(unit.name)

    def _offer(self, unit):
        """Adds a layer's unit that QGIS knows and does not offer: US survey feet since 3.40."""
        if self._choice is None or not units.is_known(unit.crs):
            return
        number = enums.plain_number(unit.crs.mapUnits())
        if self._choice.findData(number) < 0:
            self._choice.addItem(unit.name, number)

    def setValue(self, value):  # pylint: disable=invalid-name
        """Values are in the layer's unit, whatever unit was chosen before."""
        if self._choice is not None and self._source is not None:
            self._choice.setCurrentIndex(self._choice.findData(self._base()))
        super().setValue(value)

    def _base(self):
        return enums.plain_number(self._source.widgetValue().mapUnits())

    def value(self):
        """In the layer's unit. QGIS 3.22 forgets the chosen unit while its box is out of sight, and
        takes a US survey foot for an international one."""
        own = super().value()
        if not isinstance(own, float) or self._choice is None or self._choice.isHidden() \
                or self._source is None or self._choice.currentData() == self._base():
            return own if not isinstance(own, float) else self._number.value()
        return self._number.value() * self._shown_metres() / self._source.unit.metres


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
