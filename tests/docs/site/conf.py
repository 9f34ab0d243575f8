"""The settings of Sphinx."""

from __future__ import annotations

from heygen_async import __version__

project = "heygen-async"
version = release = __version__
extensions = ["myst_parser", "sphinx_copybutton"]
html_theme = "furo"
html_title = f"heygen-async {__version__}"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_static_path = ["static"]
html_css_files = ["site.css"]
html_theme_options = {"navigation_with_keys": True}
pygments_style, pygments_dark_style = "friendly", "github-dark"
smartquotes = False
maximum_signature_line_length = 88
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"
add_module_names = False
copybutton_exclude = ".linenos, .gp, .go"
myst_enable_extensions = ["fieldlist"]
myst_heading_anchors = 3
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!heygen_async\.).*")]  # the names of other packages have no place here
