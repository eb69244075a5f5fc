"""What a task measured as a small HTML page for the results viewer."""
import html

_STYLE = """body{font-family:sans-serif;margin:1.2em;color:#222}h1{font-size:1.3em}
table{border-collapse:collapse;margin:.3em 0}td,th{border:1px solid #ccc;padding:.2em .5em;
text-align:left;vertical-align:top}th{background:#f3f3f3;font-weight:600}
code{word-break:break-all}"""


def _cell(value):
    if isinstance(value, dict):
        rows = "".join("<tr><th>{}</th><td>{}</td></tr>".format(
            html.escape(str(key).replace("_", " ")), _cell(item)) for key, item in value.items())
        return "<table>{}</table>".format(rows)
    if isinstance(value, list):
        if value and all(isinstance(item, dict) for item in value):
            return _rows(value)
        return ", ".join(_cell(item) for item in value)
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: ""}[value]
    if isinstance(value, float):
        return "{:.6g}".format(value)
    return html.escape(str(value))


def _rows(items):
    """A list of objects as one table with a column for each key."""
    keys = list(dict.fromkeys(key for item in items for key in item))
    head = "".join("<th>{}</th>".format(html.escape(str(k).replace("_", " "))) for k in keys)
    body = "".join("<tr>{}</tr>".format("".join("<td>{}</td>".format(_cell(item.get(k, "")))
                                                for k in keys)) for item in items)
    return "<table><tr>{}</tr>{}</table>".format(head, body)


def page(title, measured):
    """The whole page."""
    shown = {key: value for key, value in measured.items() if key != "command"}
    command = measured.get("command", "")
    foot = "<p><code>{}</code></p>".format(html.escape(command)) if command else ""
    return ("<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{0}</title>"
            "<style>{1}</style></head><body><h1>{0}</h1>{2}{3}</body></html>").format(
                html.escape(title), _STYLE, _cell(shown), foot)


def write(path, title, measured):
    """Writes the page."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(page(title, measured))
