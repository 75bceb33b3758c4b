"""Links that hold on a code host hold on the site too.

The pages in docs/ link to Markdown files outside of it, such as ../CHANGELOG.md. Those files
are copied to docs/generated/ before a build, and links to them, and theirs to the pages, are
bent accordingly. A link to a script of the gallery, ../examples/plot_xor.py, leads to its page. A
link to any other file of the repository becomes the file's name.

Doctest needs an empty line at the end of each example. The site does not show it.
"""

import os
import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
COPIES = {
    ROOT / "CHANGELOG.md": DOCS / "generated" / "changelog.md",
    ROOT / "CONTRIBUTING.md": DOCS / "generated" / "contributing.md",
    ROOT / "benchmarks" / "README.md": DOCS / "generated" / "benchmarks.md",
}
GALLERY = DOCS / "auto_examples"
_LAST_LINE = re.compile(r"^(```pycon\n.*?)\n+(?=^```$)", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<path>[^)#:\s]+)(?P<anchor>#[^)\s]*)?\)")


def bent(text, source, page):
    """The Markdown of `source`, with its links as they have to be in `page`."""

    def bend(link):
        target = (source.parent / link["path"]).resolve()
        if not (target.exists() or target.is_relative_to(DOCS)):  # within docs/ MyST looks
            raise ValueError(f"{source} links to {link['path']!r}, which does not exist")
        target = COPIES.get(target, target)
        if target.parent == ROOT / "examples" and target.name.startswith("plot_"):
            target = (GALLERY / target.name).with_suffix(".rst")
        if link["image"] or target.is_relative_to(DOCS):
            path = Path(os.path.relpath(target, page.parent)).as_posix()
            return f"{link['image']}[{link['text']}]({path}{link['anchor'] or ''})"
        file = target.relative_to(ROOT).as_posix()
        if link["text"].strip("`") in (file, target.name):
            return f"`{file}`"
        return f"{link['text']} (`{file}`)"

    return _LAST_LINE.sub(r"\1\n", _LINK.sub(bend, text))


def copy_pages(app):
    """Copy the Markdown files from outside of docs/, where they have changed."""
    for source, page in COPIES.items():
        text = bent(source.read_text(encoding="utf-8"), source, page)
        page.parent.mkdir(exist_ok=True)
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


def bend_page(app, docname, content):
    """Bend the links of a page in docs/."""
    page = Path(app.env.doc2path(docname))
    if page.suffix == ".md" and page not in COPIES.values():
        content[0] = bent(content[0], page, page)


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", copy_pages)
    app.connect("source-read", bend_page)
    return {"parallel_read_safe": True}
