"""Sphinx settings of the manual; `cmake --build build --target manual` runs it."""
import html
import os
import subprocess
import xml.etree.ElementTree as xml

project = "Lode"
author = "Lode authors"
copyright = "Lode authors, MIT licence"
version = release = os.environ.get("LODE_VERSION", "")
extensions = ["myst_parser", "breathe"]
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
# Links to files of the source outside docs/ stay as they are.
suppress_warnings = ["myst.xref_missing", "ref.myst"]
breathe_projects = {"lode": os.environ.get("LODE_DOXYGEN", "")}
breathe_domain_by_extension = {"h": "c"}
primary_domain = "c"
smartquotes = False
highlight_language = "text"
html_theme = "alabaster"
html_title = f"Lode {version}"
html_theme_options = {"description": "Mineral prospectivity as a GDAL band and a QGIS tool",
                      "page_width": "1100px", "sidebar_width": "230px", "show_relbars": True}
html_sidebars = {"**": ["about.html", "searchbox.html", "navigation.html"]}
html_static_path = ["_static"]
html_css_files = ["lode.css"]
html_show_sourcelink = False
html_copy_source = False


def mathml(tex, display):
    """An equation as MathML, which browsers draw without a script; the TeX text where that fails."""
    try:
        done = subprocess.run(["blahtexml", "--mathml"], input=tex, capture_output=True, text=True,
                              check=True)
        markup = xml.fromstring(done.stdout).find("mathml/markup")
    except (OSError, subprocess.CalledProcessError, xml.ParseError):
        markup = None
    if markup is None:
        return f"<code>{html.escape(tex)}</code>"
    inner = "".join(xml.tostring(part, encoding="unicode") for part in markup)
    return (f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="{display}">'
            f"<mrow>{inner}</mrow></math>")


def visit_inline(self, node):
    from docutils import nodes
    self.body.append(mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def visit_block(self, node):
    from docutils import nodes
    self.body.append(mathml(node.astext(), "block"))
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.config.html_math_renderer = "mathml"
