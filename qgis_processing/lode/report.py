"""What a task measured as a small HTML page for the results viewer."""
import html

CURVE = 10  # a list of so many numbers is drawn
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
        return _list(value)
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: ""}[value]
    if isinstance(value, float):
        return "{:.6g}".format(value)
    return html.escape(str(value))


def _list(value):
    """A table of objects, a curve of many numbers, or the items with commas."""
    if value and all(isinstance(item, dict) for item in value):
        return _rows(value)
    if len(value) >= CURVE and all(isinstance(item, (int, float)) for item in value):
        return _curve(value)
    return ", ".join(_cell(item) for item in value)


def _curve(values):
    """A long list of numbers, such as the losses of a training, as a curve from left to right."""
    low, high = min(values), max(values)
    span = (high - low) or 1
    points = " ".join("{:.1f},{:.1f}".format(60 + 520 * i / (len(values) - 1),
                                             10 + 180 * (high - value) / span)
                      for i, value in enumerate(values))
    text = '<text x="{}" y="{}" font-size="11" text-anchor="{}">{:.4g}</text>'
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="600" height="215">'
            '<path d="M60 10V190H580" fill="none" stroke="#888"/>'
            '<polyline points="{}" fill="none" stroke="#0072b2" stroke-width="1.5"/>{}{}{}{}</svg>'
            ).format(points, text.format(55, 16, "end", high), text.format(55, 193, "end", low),
                     text.format(60, 206, "middle", 1),
                     text.format(580, 206, "middle", len(values)))


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
