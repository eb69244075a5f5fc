"""Translations: complete for the plugin's own texts, compiled, and used."""
import re
import shutil
import subprocess
import sys

import pytest
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

from conftest import PLUGINS, ROOT
from lode import messages
from lode.text import tr

sys.path.insert(0, str(PLUGINS))
import translate  # noqa: E402  pylint: disable=wrong-import-position

LANGUAGES = ("es", "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_own_texts_are_translated(language):
    known = translate.read(translate.FOLDER / "lode_{}.ts".format(language))
    assert [text for text in translate.plugin_texts() if text not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_of_the_tasks_are_translated(language, lode_command):
    """A changed sentence is shown in English until it is translated; most must be."""
    known = translate.read(translate.FOLDER / "lode_{}.ts".format(language))
    texts = translate.registry_texts(lode_command)
    assert sum(text in known for text in texts) > 0.9 * len(texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_kept(language):
    known = translate.read(translate.FOLDER / "lode_{}.ts".format(language))
    assert [text for text, said in known.items() if text.count("{") != said.count("{")] == []


@pytest.mark.parametrize("language, score", [("es", "Puntuación"), ("zh", "得分")])
def test_compiled_translation_is_used(language, score, tmp_path):
    compiler = shutil.which("lrelease") or shutil.which("lrelease-qt5")
    if compiler is None:
        pytest.skip("lrelease (qttools5-dev-tools) is not installed")
    compiled = tmp_path / "lode.qm"
    subprocess.run([compiler, "-silent", str(translate.FOLDER / "lode_{}.ts".format(language)),
                    "-qm", str(compiled)], check=True)
    translator = QTranslator()
    assert translator.load(str(compiled))
    QCoreApplication.installTranslator(translator)
    try:
        assert tr("Score") == score
        assert tr("a text that nobody translated") == "a text that nobody translated"
    finally:
        QCoreApplication.removeTranslator(translator)
    assert tr("Score") == "Score"


LITERALS = re.compile(r'(?:"(?:[^"\\\n]|\\.)*"\s*)+')
CONVERSION = re.compile(r"%%|%[-+ #0]*[\d*]*(?:\.[\d*]+)?(?:hh|h|ll|l|z|j)?[diouxXeEfgGsc]")


def texts_of_the_library():
    """Every text in the library's source, with {} for printf's conversions."""
    found = set()
    for path in (ROOT / "core/src").rglob("*.c"):
        for literal in LITERALS.finditer(path.read_text(encoding="utf-8")):
            text = "".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', literal.group()))
            found.add(CONVERSION.sub(lambda m: "%" if m.group() == "%%" else "{}", text))
    return found


def test_frequent_messages_are_those_of_the_library():
    known = texts_of_the_library()
    assert [text for text in messages.FREQUENT if text not in known] == []
    assert len(messages.FREQUENT) > 20


def test_message_is_translated_with_what_it_tells(monkeypatch):
    said = {"pretraining, step {} of {}, loss {}": "preentrenamiento, paso {} de {}, pérdida {}"}
    monkeypatch.setattr(messages, "tr", lambda text: said.get(text, text))
    assert messages.translated("pretraining, step 12 of 300, loss 3.41") == \
        "preentrenamiento, paso 12 de 300, pérdida 3.41"
    for untouched in ("a message that nobody translated", "22 targets, 485.3 km2 in all, score at "
                      "least 0.839.", ""):
        assert messages.translated(untouched) == untouched
