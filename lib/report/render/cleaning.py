"""Text that both HTML and PDF can hold."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def clean(text: object) -> str:
    """`text` as a string without characters that neither HTML nor PDF can hold."""
    return _CONTROL.sub("�", "" if text is None else str(text))
