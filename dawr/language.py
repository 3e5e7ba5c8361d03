"""The languages of every text, and the one of this machine. Light, for it is known before anything else is loaded."""

import os

LANGUAGES = ("ar", "en")


def own_language() -> str:
    """The language of whoever uses this machine, by LANG."""
    return "ar" if os.environ.get("LANG", "").startswith("ar") else "en"
