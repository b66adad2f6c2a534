"""The configuration of the site: `python -m tox -e docs` builds it."""

import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import kerasloss  # noqa: E402

project = "kerasloss"
author = copyright = "The kerasloss authors"
version = release = kerasloss.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "_extension.site"]
exclude_patterns = ["_build"]
nitpicky = True
# Types of other packages, whose pages a build without a network can't see.
nitpick_ignore_regex = [("py:.*", r"(keras|numpy|np|collections|typing|dataclasses)\..*")]
default_role = "literal"  # docstrings have code between single backticks

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_custom_sections = ["Shapes"]

html_theme = "furo"
html_title = f"kerasloss {release}"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["math.css", "site.css"]
html_copy_source = False
html_show_sphinx = False
html_domain_indices = False  # of modules: they stand in the reference
