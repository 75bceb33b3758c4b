"""The documentation site: sphinx-build -W -n --keep-going -q docs docs/_build/html."""

import os
import sys
from pathlib import Path

from skbackprop import __version__

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
sys.path.insert(0, str(HERE / "_ext"))
# the address of the published site, which social cards and the list of versions need
SITE = os.environ.get("DOCS_URL", "")

project = "skbackprop"
author = "The skbackprop developers"
project_copyright = "The skbackprop developers"
version = release = __version__

extensions = [
    "break_names",
    "myst_parser",
    "numpydoc",
    "offline_math",
    "repository_links",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinxext.opengraph",
]
exclude_patterns = ["_build", "_ext", "_inventories", "auto_examples/**.ipynb"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
nitpicky = True
# Other projects, by inventories that _inventories/make.py has written: the build needs no network.
# Names that are not in them are not links.
intersphinx_mapping = {
    "python": ("https://docs.python.org/3/", "_inventories/python.inv"),
    "numpy": ("https://numpy.org/doc/stable/", "_inventories/numpy.inv"),
    "scipy": ("https://docs.scipy.org/doc/scipy/", "_inventories/scipy.inv"),
    "sklearn": ("https://scikit-learn.org/stable/", "_inventories/sklearn.inv"),
    "matplotlib": ("https://matplotlib.org/stable/", "_inventories/matplotlib.inv"),
}
nitpick_ignore_regex = [("py:.*", r"(collections|matplotlib|numpy|scipy|sklearn)\..*")]

# Markdown, the same as on a code host: $formulas$, "- [ ]" for a checkbox, and links to headings by
# their GitHub anchors
myst_enable_extensions = ["dollarmath", "tasklist"]
myst_heading_anchors = 3
myst_dmath_double_inline = True

# The reference. A public class without a docstring or with an undocumented parameter is an error
# here; tests/package/test_docstrings.py checks methods and functions, and test_docs.py beside it
# that each public name is on api.md.
toc_object_entries_show_parents = "hide"
autodoc_typehints = "none"  # the docstrings state types and shapes
autosummary_generate = True
autosummary_context = {
    # explained by scikit-learn, and the same for each of its estimators
    "scikit_learn_methods": [
        "get_metadata_routing",
        "get_params",
        "score",
        "set_fit_request",
        "set_output",
        "set_params",
        "set_partial_fit_request",
        "set_predict_request",
        "set_score_request",
    ],
}
numpydoc_show_class_members = False
# types in the tables of parameters that lead to their page
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"
numpydoc_xref_aliases = {
    "ndarray": "numpy.ndarray",
    "RandomState": "numpy.random.RandomState",
    "Loss": "skbackprop.losses.Loss",
    "Network": "skbackprop.model.Network",
    "Objective": "skbackprop.model.Objective",
    "Optimizer": "skbackprop.optimizers.Optimizer",
    "OptimizerState": "skbackprop.optimizers.OptimizerState",
    "Progress": "skbackprop.solvers.Progress",
    "Solver": "skbackprop.solvers.Solver",
    "SolverResult": "skbackprop.solvers.SolverResult",
    "Status": "skbackprop.solvers.Status",
}
numpydoc_validation_checks = {"GL08", "PR01", "PR02"}
numpydoc_validation_exclude = {
    r"\.[a-z_]+$",  # methods and functions: those that override inherit their docstring
    r"\.Status$",  # the parameters of an enum are those of enum.Enum
}

templates_path = ["_templates"]
# the button copies the code of an example, without its prompts and answers
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = "skbackprop"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/favicon.svg"
html_baseurl = SITE
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {
        "text": "skbackprop",
        "alt_text": "skbackprop: start page",
        "image_light": "_static/logo-light.svg",
        "image_dark": "_static/logo-dark.svg",
    },
    # shown on the published site only, which has the other versions: docs/releasing.md
    "switcher": {
        "json_url": "_static/switcher.json",
        "version_match": release,
    },
    "navbar_end": [*(["version-switcher"] if SITE else []), "theme-switcher", "navbar-icon-links"],
    "header_links_before_dropdown": 6,
    "navbar_align": "left",
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
}
# What a link to a page shows elsewhere. The cards with the title of the page are drawn for the
# published site only, as they need its address.
ogp_site_url = SITE
ogp_site_name = "skbackprop"
ogp_enable_meta_description = True
ogp_social_cards = {"enable": bool(SITE), "line_color": "#0072B2"}
html_sidebars = {"index": [], "getting_started": []}

if any(EXAMPLES.glob("plot_*.py")):
    extensions.append("sphinx_gallery.gen_gallery")
    sphinx_gallery_conf = {
        "examples_dirs": str(EXAMPLES),
        "gallery_dirs": "auto_examples",
        "filename_pattern": "/plot_",
        "ignore_pattern": r"(^|/)(?!plot_)[^/]*\.py$",
        "abort_on_example_error": True,
        "download_all_examples": False,
        "image_scrapers": ("matplotlib",),
        "matplotlib_animations": False,
        "remove_config_comments": True,
        "show_memory": False,
        "write_computation_times": False,
        "within_subsection_order": "gallery_order.ReadingOrder",
        "image_srcset": ["2x"],
        "doc_module": ("skbackprop",),
        "backreferences_dir": "generated/backreferences",
    }
