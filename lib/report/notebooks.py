"""nbformat, in a third of the time.

jsonschema, which it uses, builds a grammar of IRIs when it is imported, for as long as all else takes
together; no notebook holds one.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)

import nbformat  # noqa: E402

__all__ = ["nbformat"]
