#!/usr/bin/env python3
"""Brings the translations lode/i18n/*.ts up to date with the texts of the plugin and the registry.

    python3 translate.py --command build/bin/lode            add new texts, drop old ones, count
    python3 translate.py --command build/bin/lode --merge es new.json
                                                             also take {"English": "translation"}

Edit the .ts files with Qt Linguist or any editor; the plugin is staged with compiled ones. Texts
without a translation are shown in English.
"""
import argparse
import ast
import json
import pathlib
import subprocess
import xml.etree.ElementTree as xml

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE / "lode" / "i18n"


def plugin_texts():
    """Every literal given to tr() or later(), in the order of the files."""
    texts = []
    for path in sorted((HERE / "lode").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("tr", "later") \
                    and isinstance(node.args[0], ast.Constant):
                texts.append(node.args[0].value)
    return list(dict.fromkeys(texts))


def registry_texts(command):
    """Every text of the task registry that QGIS shows; a task's help by its paragraphs."""
    registry = json.loads(subprocess.run([command, "tasks", "--json"], check=True,
                                         capture_output=True).stdout)
    texts = []
    for task in registry["tasks"]:
        texts += [task["group"], task["title"], task["summary"], *task["help"].split("\n\n")]
        for param in task["parameters"]:
            texts += [param["label"], param["help"], param["unit"], *param["choice_labels"]]
        texts += [product["label"] for product in task["products"]]
    return [text for text in dict.fromkeys(texts) if text]


def read(path):
    """Translations of a .ts file by their English text."""
    if not path.exists():
        return {}
    known = {}
    for message in xml.parse(path).getroot().iter("message"):
        translation = message.find("translation")
        if translation is not None and translation.text \
                and translation.get("type") != "unfinished":
            known[message.findtext("source")] = translation.text
    return known


def write(path, language, contexts, known):
    """The .ts file; returns how many texts lack a translation."""
    root = xml.Element("TS", version="2.1", language=language, sourcelanguage="en")
    missing = 0
    for name, texts in contexts:
        context = xml.SubElement(root, "context")
        xml.SubElement(context, "name").text = name
        for text in texts:
            message = xml.SubElement(context, "message")
            xml.SubElement(message, "source").text = text
            translation = xml.SubElement(message, "translation")
            if text in known:
                translation.text = known[text]
            else:
                translation.set("type", "unfinished")
                missing += 1
    xml.indent(root, "  ")
    body = xml.tostring(root, encoding="unicode")
    path.write_text('<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n' + body + "\n",
                    encoding="utf-8")
    return missing


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", required=True, help="the lode command of a build")
    parser.add_argument("--merge", nargs=2, metavar=("LANGUAGE", "JSON"))
    parser.add_argument("--missing", metavar="LANGUAGE", help="print what is not translated")
    given = parser.parse_args()
    contexts = [("Lode", plugin_texts()), ("LodeRegistry", registry_texts(given.command))]
    if given.merge:
        (FOLDER / "lode_{}.ts".format(given.merge[0])).touch()
    for path in sorted(FOLDER.glob("lode_*.ts")):
        language = path.stem.split("_", 1)[1]
        known = read(path) if path.stat().st_size else {}
        if given.merge and given.merge[0] == language:
            known.update(json.loads(pathlib.Path(given.merge[1]).read_text(encoding="utf-8")))
        missing = write(path, language, contexts, known)
        print("{}: {} texts, {} not translated".format(path.name, sum(
            len(texts) for _, texts in contexts), missing))
        if given.missing == language:
            print(json.dumps([t for _, texts in contexts for t in texts if t not in known],
                             indent=0, ensure_ascii=False))


if __name__ == "__main__":
    main()
