"""Templates of our MISP objects, as a MISP server and PyMISP want them.

The form is that of the project misp-objects (``objects/NAME/definition.json``). The templates are
package data, so that an operator can hand the same files to a server that this program writes by.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

CAMPAIGN: Final = "llm-distillation-campaign"
"""Name of the object that is a campaign."""
INDICATOR: Final = "llm-distillation-indicator"
"""Name of the object that is an indicator."""
TEMPLATES: Final = (CAMPAIGN, INDICATOR)
"""All names, sorted."""
CATEGORIES: Final[dict[str, str]] = {
    "AS": "Network activity",
    "campaign-name": "Attribution",
    "ip-src": "Network activity",
}
"""Category of an attribute by its type; of all other types it is ``Other``."""


def template_text(name: str) -> str:
    """Read the file of a template.

    Args:
        name: One of ``TEMPLATES``.

    Returns:
        JSON.
    """
    path = files("cautery.intel") / "schemas" / "misp" / name / "definition.json"
    return path.read_text(encoding="utf-8")


@cache
def template(name: str) -> dict[str, Any]:
    """Load a template.

    Args:
        name: One of ``TEMPLATES``.

    Returns:
        The template.

    Example:
        >>> template(CAMPAIGN)["name"]
        'llm-distillation-campaign'
    """
    loaded: dict[str, Any] = json.loads(template_text(name))
    return loaded
