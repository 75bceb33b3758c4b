"""Long names break where their parts meet, and nowhere else.

A phone is narrower than ``GeneralizedKullbackLeibler`` or ``validation_loss_curve_``. A <wbr> after
each dot and underscore, and before a capital letter within a name, tells the browser where it may
break the line. It adds nothing to what a reader copies.
"""

import re

_NAME = re.compile(
    r'(?P<open><span class="pre">|<span class="sig-(?:pre)?name descname"><span class="pre">'
    r"|<h1>)(?P<name>[^<]*)"
)
_JOINT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z0-9][._=(])(?=[A-Za-z0-9\"'])")


def with_breaks(html):
    """HTML with a <wbr> at the joints of the names in its code and its title."""
    return _NAME.sub(lambda found: found["open"] + _JOINT.sub("<wbr>", found["name"]), html)


def break_names(app, pagename, templatename, context, doctree):
    """Treat the body of a page and its table of contents, if it has them."""
    if context.get("body"):
        context["body"] = with_breaks(context["body"])


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", break_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
