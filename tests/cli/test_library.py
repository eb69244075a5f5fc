"""The command without its library, and with one of another version."""
import subprocess

from conftest import BUILD, LODE, SAMPLE, run_lode


def soname():
    return next((BUILD / "lib").glob("liblode.so.?")).name


def test_help_needs_no_library(tmp_path):
    missing = {"LD_LIBRARY_PATH": str(tmp_path), "LD_PRELOAD": "", "LD_DEBUG": "libs"}
    result = run_lode("predict", "--help", env=missing, command=(LODE,))
    assert result.code == 0 and "Usage: lode predict" in result.out
    assert "liblode" not in result.err and "libgdal" not in result.err


def test_library_of_another_version(tmp_path):
    source = tmp_path / "other.c"
    source.write_text("\n".join(f"const char *lode_{name}(void) {{ return \"99.0\"; }}" for name in (
        "version", "error_message", "free", "set_log", "set_threads", "set_cluster", "task_run")))
    subprocess.run(["cc", "-shared", "-fPIC", source, "-o", tmp_path / soname(),
                    f"-Wl,-soname,{soname()}"], check=True)
    result = run_lode("info", SAMPLE / "stack.tif", env={"LD_LIBRARY_PATH": str(tmp_path)})
    assert result.code == 1
    assert "Install both from one release" in result.err and soname() in result.err


def test_library_that_cannot_be_loaded(tmp_path):
    (tmp_path / soname()).write_text("not a library")
    result = run_lode("info", SAMPLE / "stack.tif", env={"LD_LIBRARY_PATH": str(tmp_path)})
    assert result.code == 1
    assert "cannot be loaded" in result.err and "Reinstall Lode" in result.err
