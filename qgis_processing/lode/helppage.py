"""The page behind the Help button: an algorithm's text, a picture, and its parameters.

Made when it is asked for, in the user's language, from what the algorithm itself says; nothing is
described twice. Pictures lie in help/NAME.png.
"""
import html
import os

from qgis.core import QgsProcessingUtils
from qgis.PyQt.QtCore import QUrl

from .folder import HERE
from .text import registry_text, tr

STYLE = """body{font-family:sans-serif;max-width:56em;margin:1.5em auto;padding:0 1em;color:#222;
line-height:1.45}h1{font-size:1.5em}h2{font-size:1.15em;margin-top:1.6em}
img{max-width:100%;border:1px solid #ccc}table{border-collapse:collapse;width:100%}
td,th{border:1px solid #ddd;padding:.35em .6em;text-align:left;vertical-align:top}
th{background:#f3f3f3}code{background:#f3f3f3;padding:.1em .3em}.small{color:#666;font-size:.9em}"""


def url(algorithm, body):
    """Address of the page of an algorithm whose text is `body` (HTML); "" where no page can be
    written, so that QGIS shows no button."""
    folder = os.path.join(QgsProcessingUtils.tempFolder(), "lode-help")
    path = os.path.join(folder, algorithm.name() + ".html")
    try:
        os.makedirs(folder, exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(page(algorithm, body))
    except OSError:
        return ""
    return QUrl.fromLocalFile(path).toString()


def page(algorithm, body):
    """The whole page."""
    title = html.escape(algorithm.displayName())
    parts = ["<h1>{}</h1>".format(title), _picture(algorithm.name()), body,
             "<h2>{}</h2>".format(tr("Inputs and options")),
             _table(algorithm, [d for d in algorithm.parameterDefinitions()
                                if not d.isDestination()])]
    outputs = [d for d in algorithm.parameterDefinitions() if d.isDestination()]
    if outputs:
        parts += ["<h2>{}</h2>".format(tr("Outputs")), _table(algorithm, outputs)]
    parts.append("<p class='small'>{}</p>".format(html.escape(tr(
        "In scripts and with qgis_process this is {}; parameters are named as in the last column."
        ).format(algorithm.id()))))
    return ("<!DOCTYPE html><html><head><meta charset='utf-8'><title>{}</title><style>{}</style>"
            "</head><body>{}</body></html>").format(title, STYLE, "".join(parts))


def _picture(name):
    path = os.path.join(HERE, "help", name + ".png")
    if not os.path.exists(path):
        return ""
    return "<p><img src='{}' alt=''></p>".format(QUrl.fromLocalFile(path).toString())


def _table(algorithm, definitions):
    task = getattr(algorithm, "task", None)
    explained = {p.key: p for p in task.parameters} if task else {}
    rows = ["<tr><th>{}</th><th>{}</th><th>{}</th></tr>".format(
        tr("Parameter"), tr("Meaning"), tr("Name in scripts"))]
    for definition in definitions:
        said = [html.escape(definition.help())] if definition.help() else []
        said += _facts(definition, explained.get(definition.name()))
        rows.append("<tr><td><b>{}</b></td><td>{}</td><td><code>{}</code></td></tr>".format(
            html.escape(definition.description()), "<br>".join(said), definition.name()))
    return "<table>{}</table>".format("".join(rows))


def _facts(definition, param):
    """Choices with their words, range and default."""
    facts = []
    widget = definition.metadata().get("widget_wrapper", {})
    if definition.type() == "enum" and "labels" in widget:
        facts.append(", ".join("{} (<code>{}</code>)".format(html.escape(label), word)
                               for label, word in zip(widget["labels"], definition.options())))
    if param is not None and param.minimum is not None:
        facts.append(html.escape(tr("From {:.10g} to {:.10g} {}").format(
            param.minimum, param.maximum,
            "m" if param.kind == "distance" else registry_text(param.unit))))
    if param is not None and param.default not in (None, ""):
        facts.append("{}: <code>{}</code>".format(tr("Default"), html.escape(param.default)))
    return ["<span class='small'>{}</span>".format(fact) for fact in facts]
