"""Every message that docs/troubleshooting.md explains is one that Lode (or GDAL, or the system) gives."""
import re

from conftest import ROOT

OTHERS = {"Can't find driver", "not recognized as a supported file format",
          "cannot open shared object file", "_TIFFVSetField", 'for "ExtraSamples" tag'}  # GDAL's and the system's


def explained():
    """The messages of the first columns, cut where something is inserted."""
    page = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    for line in page.splitlines():
        cell = line.split(" | ")[0] if line.startswith("| `") else ""
        for message in re.findall(r"`([^`]+)`", cell):
            for part in re.split(r"'?\.\.\.'?|\b[NM]\b|\.so\.N", message):
                if len(part.strip(" :,;.'")) >= 10:
                    yield part.strip(" :,;.'")


def said():
    """All string literals of the source as one text; neighbouring ones joined."""
    text = ""
    for folder in ("core/src", "cli", "gdal_driver", "qgis_processing/lode"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".c", ".h", ".cpp", ".py"):
                text += path.read_text(encoding="utf-8")
    return re.sub(r'"\s*\n\s*"', "", text).replace('\\"', '"')


def test_messages_exist():
    source = said()
    parts = [part for part in explained() if part not in OTHERS]
    assert len(parts) > 20
    missing = [part for part in parts if part not in source]
    assert not missing, missing
