"""Success-rate curves of a report.json as a small SVG for the map sheet."""
import html

# Okabe and Ito's colours, in the order of the HTML report.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7a5c00", "#56b4e9", "#444444", "#e69f00")
LEFT, TOP, SIDE, WIDTH, HEIGHT = 46, 24, 190, 400, 262
SHOWN = 5  # methods; more would not be told apart at this size


def _x(share):
    return LEFT + SIDE * share


def _y(share):
    return TOP + SIDE * (1 - share)


def _text(x, y, text, anchor="start", extra=""):
    form = ('<text x="{:.1f}" y="{:.1f}" text-anchor="{}" font-size="11" fill="#222" '
            'font-family="DejaVu Sans"{}>{}</text>')
    return form.format(x, y, anchor, extra, html.escape(text))


def _axes(words):
    parts = []
    for tick in range(0, 101, 20):
        at = tick / 100
        parts.append('<path d="M{:.1f} {:.1f}H{:.1f}M{:.1f} {:.1f}V{:.1f}" stroke="#ddd" '
                     'fill="none"/>'.format(_x(0), _y(at), _x(1), _x(at), _y(0), _y(1)))
        parts.append(_text(_x(0) - 5, _y(at) + 4, str(tick), "end"))
        parts.append(_text(_x(at), _y(0) + 15, str(tick), "middle"))
    parts.append('<path d="M{:.1f} {:.1f}L{:.1f} {:.1f}" stroke="#888" stroke-dasharray="4 3"/>'
                 .format(_x(0), _y(0), _x(1), _y(1)))
    parts.append(_text(_x(0.5), _y(0) + 32, words["area"], "middle"))
    parts.append(_text(_x(0) - 34, TOP - 9, words["deposits"]))
    return parts


def _line(area, captured, colour):
    points = " ".join("{:.1f},{:.1f}".format(_x(a), _y(c)) for a, c in zip(area, captured)
                      if isinstance(c, (int, float)))
    return '<polyline fill="none" stroke="{}" stroke-width="2" points="{}"/>'.format(colour, points)


def _key(row, colour, name, auc):
    y = TOP + 14 + 34 * row
    parts = ['<path d="M{} {}h18" stroke="{}" stroke-width="2"/>'.format(_x(1) + 12, y - 4, colour),
             _text(_x(1) + 35, y, name)]
    if auc:
        parts.append(_text(_x(1) + 35, y + 14, "AUC {:.2f} ({:.2f}-{:.2f})".format(
            auc["value"], auc["low"], auc["high"]), extra=' opacity="0.75"'))
    return parts


def has_curves(report):
    """Whether a report holds success-rate curves."""
    return bool(report.get("curve_area")) and any(
        method.get("curve") for method in report.get("methods", {}).values())


def _complete(auc):
    keys = ("value", "low", "high")
    return auc if auc and all(isinstance(auc.get(k), (int, float)) for k in keys) else None


def draw(report, words):
    """The SVG. words: what the axes are called, "area" and "deposits", and "methods": names of
    methods for readers."""
    parts = _axes(words)
    shown = [(name, m) for name, m in report["methods"].items() if m.get("curve")][:SHOWN]
    for row, (name, method) in reversed(list(enumerate(shown))):
        parts.append(_line(report["curve_area"], method["curve"]["captured"], COLOURS[row]))
        label = words.get("methods", {}).get(name, name)
        parts += _key(row, COLOURS[row], label, _complete(method.get("auc")))
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" '
            'viewBox="0 0 {0} {1}">{2}</svg>').format(WIDTH, HEIGHT, "".join(parts))
