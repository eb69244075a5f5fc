"""liblode through ctypes. The only file that knows C; it does not know QGIS.

    library = native.load()                     # raises NativeError with the remedy
    library.tasks()                             # the registry, as `lode tasks --json` prints it
    library.run("info", ["file=model.lode"])    # what the task measured, as a dict
"""
import ctypes
import ctypes.util
import json
import os
import platform
import re
import sys

ABI = 1
STATUS_CANCELLED = 6
LOG_DEBUG, LOG_INFO, LOG_WARNING = range(3)

_PROGRESS = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_double, ctypes.c_char_p, ctypes.c_void_p)
_LOG = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)


class NativeError(Exception):
    """liblode is missing, unfit, or refused the work; the text says what to do."""


class Cancelled(NativeError):
    """The progress callback asked to stop."""


def _file_name():
    return {"win32": "lode.dll", "darwin": "liblode.dylib"}.get(sys.platform, "liblode.so")


def _platform_folder():
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
    machine = platform.machine().lower().replace("amd64", "x86_64").replace("aarch64", "arm64")
    return "{}-{}".format(system, machine)


def candidates(setting=""):
    """Places to look for liblode, best first: LODE_LIBRARY, the setting, the plugin, the system."""
    if os.environ.get("LODE_LIBRARY"):
        return [os.environ["LODE_LIBRARY"]]
    if setting:
        return [setting]
    bundled = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib", _platform_folder(),
                           _file_name())
    found = [bundled] if os.path.exists(bundled) else []
    system = ctypes.util.find_library("lode")
    return found + ([system] if system else [])


def _share_loaded_gdal():
    """Makes the process's GDAL visible to libraries loaded later: a liblode that is not linked to
    one certain GDAL then uses the GDAL that QGIS runs on."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            paths = set(re.findall(r"(/\S*/libgdal\.so\S*)", maps.read()))
    except OSError:
        return
    for path in paths:
        ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL | getattr(os, "RTLD_NOLOAD", 0))


def load(setting=""):
    """Opens the first liblode that can be loaded and speaks our ABI."""
    places = candidates(setting)
    if not places:
        raise NativeError(
            "The Lode library ({}) is not installed. Install Lode on this computer, install the "
            "plugin ZIP that contains the library, or name the file in Settings > Options > "
            "Processing > Providers > Lode.".format(_file_name()))
    _share_loaded_gdal()
    problems = []
    for place in places:
        try:
            return Library(place)
        except (OSError, NativeError) as error:
            problems.append("{}: {}".format(place, error))
    raise NativeError(
        "The Lode library cannot be used. {}. Install the Lode that fits this QGIS, or name its "
        "library file in Settings > Options > Processing > Providers > Lode.".format(
            "; ".join(problems)))


class _Calls:
    """Python functions that liblode calls during one run. An exception in one of them must not
    cross C: it is kept, the run is stopped, and raise_kept() raises it again afterwards."""

    def __init__(self, progress, log):
        self._progress, self._log, self._kept = progress, log, None
        self.progress = _PROGRESS(self._on_progress)
        self.log = _LOG(self._on_log)

    def _on_progress(self, complete, message, _user):
        try:
            text = message.decode("utf-8", "replace") if message else ""
            if self._kept is None and (self._progress is None or self._progress(complete, text)):
                return 1
        except BaseException as error:  # pylint: disable=broad-except
            self._kept = error
        return 0

    def _on_log(self, level, message, _user):
        try:
            if self._log is not None:
                self._log(level, message.decode("utf-8", "replace"))
        except BaseException as error:  # pylint: disable=broad-except
            self._kept = error

    def raise_kept(self):
        """Raises what a callback raised, if one did."""
        if self._kept is not None:
            raise self._kept


class Library:
    """An opened liblode."""

    def __init__(self, path):
        self.path = path
        self._c = ctypes.CDLL(path)
        try:
            abi = self._c.lode_abi()
        except AttributeError:
            raise NativeError("this file is not the Lode library") from None
        if abi != ABI:
            raise NativeError("it has interface {}, this plugin needs interface {}".format(
                abi, ABI))
        self._declare()
        self.version = self._c.lode_version().decode()

    def _declare(self):
        text, handle = ctypes.c_char_p, ctypes.c_void_p
        handle_out = ctypes.POINTER(handle)
        signatures = {
            "lode_version": (text, []),
            "lode_error_message": (text, []),
            "lode_set_log": (None, [_LOG, handle]),
            "lode_free": (None, [handle]),
            "lode_tasks_json": (ctypes.c_int, [handle_out]),
            "lode_task_run": (ctypes.c_int, [text, ctypes.POINTER(text), _PROGRESS, handle,
                                             handle_out]),
            "lode_model_open": (ctypes.c_int, [text, handle_out]),
            "lode_model_close": (None, [handle]),
            "lode_model_band_count": (ctypes.c_int, [handle]),
            "lode_model_band_name": (text, [handle, ctypes.c_int]),
            "lode_model_describe": (ctypes.c_int, [handle, handle_out]),
        }
        for name, (result, arguments) in signatures.items():
            try:
                function = getattr(self._c, name)
            except AttributeError:
                continue  # said when it is called; tasks work without the model functions
            function.restype, function.argtypes = result, arguments

    def _check(self, status):
        if status == STATUS_CANCELLED:
            raise Cancelled(self.error())
        if status != 0:
            raise NativeError(self.error())

    def _take_json(self, handle):
        """A JSON text that liblode gave us, decoded and freed."""
        try:
            return json.loads(ctypes.string_at(handle).decode("utf-8", "replace"))
        finally:
            self._c.lode_free(handle)

    def error(self):
        """What failed last on this thread."""
        return self._c.lode_error_message().decode("utf-8", "replace")

    def tasks(self):
        """The task registry."""
        handle = ctypes.c_void_p()
        self._check(self._c.lode_tasks_json(ctypes.byref(handle)))
        return self._take_json(handle)

    def run(self, task, options, progress=None, log=None):
        """Runs a task and returns what it measured.

        options is a list of "name=value"; progress(complete, message) returns False to cancel;
        log(level, message) receives one line. Raises NativeError or Cancelled."""
        encoded = [option.encode("utf-8") for option in options]
        array = (ctypes.c_char_p * (len(encoded) + 1))(*encoded, None)
        handle = ctypes.c_void_p()
        calls = _Calls(progress, log)
        self._c.lode_set_log(calls.log, None)
        try:
            status = self._c.lode_task_run(task.encode(), array, calls.progress, None,
                                           ctypes.byref(handle))
        finally:
            self._c.lode_set_log(_LOG(), None)
        result = self._take_json(handle) if handle else {}
        calls.raise_kept()
        self._check(status)
        return result

    def model(self, path):
        """Description of a model file, with the list of stack bands it reads under "needs"."""
        model = ctypes.c_void_p()
        self._check(self._c.lode_model_open(path.encode("utf-8"), ctypes.byref(model)))
        try:
            handle = ctypes.c_void_p()
            self._check(self._c.lode_model_describe(model, ctypes.byref(handle)))
            description = self._take_json(handle)
            description["needs"] = [self._c.lode_model_band_name(model, band).decode()
                                    for band in range(self._c.lode_model_band_count(model))]
            return description
        finally:
            self._c.lode_model_close(model)
