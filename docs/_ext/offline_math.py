"""Formulas without a network: MathJax comes from a package of PyPI and is copied into the site.

Only the TeX input, the HTML output and its fonts are copied, 2 MB of 35.
"""

import shutil
from importlib.resources import files

PARTS = ["tex-chtml.js", "output/chtml/fonts/woff-v2"]


def copy_mathjax(app, exception):
    """Put the parts of MathJax that the pages load beside them."""
    if exception or app.builder.format != "html":
        return
    source = files("mathjax") / "static" / "mathjax" / "es5"
    target = app.outdir / "_static" / "mathjax"
    for part in PARTS:
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, dirs_exist_ok=True)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / part, target / part)


def setup(app):
    """Register with Sphinx."""
    app.config.mathjax_path = "mathjax/tex-chtml.js"
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True}
