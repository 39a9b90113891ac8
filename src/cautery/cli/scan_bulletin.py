"""The bundle that every scan leaves for one's own tools: numbers of campaigns, and no value."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.errors import OutputError
from cautery.plain_files import open_plain

if TYPE_CHECKING:
    from cautery.records.case import Case

FILE_NAME: Final = "campaigns.stix.json"
PROVIDER: Final = "unnamed provider"
"""Nobody shares it: it is marked for one's own organisation. ``intel export`` asks for a name."""
_OPENING: Final = b'{"type":"bundle","id":"bundle--'


def check_bundle_place(folder: Path) -> None:
    """Make sure that no file of somebody else's would be overwritten.

    Args:
        folder: Folder for the results.

    Raises:
        OutputError: There is such a file, and it is no bundle.
    """
    path = folder / FILE_NAME
    try:
        with open_plain(path) as stream:
            begins = stream.read(len(_OPENING))
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise OutputError(
            f"cannot look at it: {error.strerror}",
            where=str(path),
            hint="Choose another folder with -o.",
        ) from error
    if begins and begins != _OPENING:
        raise OutputError(
            "this file is not a result of cautery and would be overwritten",
            where=str(path),
            hint="Choose another folder with -o.",
        )


def write_bundle_file(case: Case, folder: Path) -> str:
    """Write the campaigns as a STIX bundle, marked TLP:AMBER+STRICT.

    Args:
        case: The result of a scan.
        folder: Folder for the results, which is there.

    Returns:
        Name of the file.

    Raises:
        OutputError: It cannot be written.
    """
    from cautery.intel.bulletins import make_bulletin
    from cautery.intel.formats.stix import MEMBER
    from cautery.intel.sharing_choices import SharingChoices
    from cautery.ledger.durable_files import output_errors, write_durably

    choices = SharingChoices(provider=PROVIDER, tlp="amber+strict", least_band="watch")
    content = io.BytesIO()
    MEMBER.write(make_bulletin(case, (), None, choices), content)
    with output_errors(folder / FILE_NAME):
        write_durably(folder / FILE_NAME, content.getvalue())
    return FILE_NAME
