"""The ctypes layer: loading, errors, callbacks."""
import os

import pytest

from lode import native


def test_registry_and_version(provider):
    library = provider.library()
    assert library.version.count(".") == 2
    assert "tasks" in library.tasks()


def test_unknown_task_is_an_error_with_advice(provider):
    with pytest.raises(native.NativeError, match="lode tasks"):
        provider.library().run("no-such-task", [])


def test_missing_library_says_what_to_do(monkeypatch):
    monkeypatch.setenv("LODE_LIBRARY", "/no/such/liblode.so")
    with pytest.raises(native.NativeError, match="Settings > Options"):
        native.load()


def test_other_library_is_refused(monkeypatch):
    monkeypatch.setenv("LODE_LIBRARY", "libm.so.6")
    with pytest.raises(native.NativeError, match="not the Lode library"):
        native.load()


def test_other_interface_is_refused(monkeypatch):
    monkeypatch.setattr(native, "ABI", 999)
    with pytest.raises(native.NativeError, match="needs interface 999"):
        native.load()


def test_setting_comes_after_the_environment(monkeypatch):
    monkeypatch.setenv("LODE_LIBRARY", "/a")
    assert native.candidates("/b") == ["/a"]
    monkeypatch.delenv("LODE_LIBRARY")
    assert native.candidates("/b") == ["/b"]
    assert "/b" not in native.candidates("")


def test_damaged_model_is_an_error(provider, tmp_path):
    path = tmp_path / "garbage.lode"
    path.write_bytes(os.urandom(100))
    if not hasattr(provider.library()._c, "lode_model_open"):
        pytest.skip("this library has no models yet")
    with pytest.raises(native.NativeError, match="garbage.lode"):
        provider.library().model(str(path))


def test_exception_in_a_callback_comes_out(provider, has_task, tmp_path):
    has_task("simulate")

    def progress(_complete, _message):
        raise ZeroDivisionError("from the callback")
    with pytest.raises(ZeroDivisionError, match="from the callback"):
        provider.library().run("simulate", ["out=" + str(tmp_path / "out")], progress)
