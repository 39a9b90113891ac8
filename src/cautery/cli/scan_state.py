"""Names of campaigns in a state folder, so that a scan that goes on calls them as before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cautery.cli.kept_state import reading_kept
from cautery.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

    from cautery.records.case import Case
    from cautery.scan.continuity import Names

NAMES_SCHEMA: Final = "cautery.names/1"
NAMES_FILE: Final = "names.json"


def continued_case(case: Case, state_folder: Path) -> tuple[Case, Names]:
    """Give the campaigns of a case the names that the state knows them by.

    Args:
        case: The case with names of its own.
        state_folder: Folder of the state.

    Returns:
        The case with the earlier names, and the names to keep once it is written.

    Raises:
        ConfigurationError: The names in the state are damaged.
    """
    from cautery.scan.continuity import continued

    return continued(case, known_names(state_folder))


def known_names(state_folder: Path) -> Names:
    """Read the names that the state knows.

    Args:
        state_folder: Folder of the state.

    Returns:
        The names; none if there was no scan before.

    Raises:
        ConfigurationError: They are damaged.
    """
    from cautery.scan.continuity import NO_NAMES, Names

    path = state_folder / NAMES_FILE
    if not path.is_file():
        return NO_NAMES
    with reading_kept(path, "campaigns are then numbered anew"):
        document = _read(path)
        return Names(
            campaigns=_sets(document["campaigns"]),
            listed=frozenset(document["listed"]) & set(document["campaigns"]),
            operators=_sets(document["operators"]),
        )


def keep_names(state_folder: Path, names: Names) -> None:
    """Write the names for the next scan, whole or not at all.

    Args:
        state_folder: Folder of the state.
        names: What to write.

    Raises:
        OutputError: They cannot be written.
    """
    from cautery.ingest.state_documents import write_json

    document = {
        "schema": NAMES_SCHEMA,
        "campaigns": {name: sorted(names.campaigns[name]) for name in sorted(names.campaigns)},
        "listed": sorted(names.listed),
        "operators": {name: sorted(names.operators[name]) for name in sorted(names.operators)},
    }
    path = state_folder / NAMES_FILE
    try:
        write_json(path, document)
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror or error}", where=str(path)
        ) from error


def _read(path: Path) -> Any:
    import msgspec

    document = msgspec.json.decode(path.read_bytes())
    if document["schema"] != NAMES_SCHEMA:
        raise ValueError(document["schema"])
    return document


def _sets(document: Any) -> dict[str, frozenset[str]]:
    return {str(name): frozenset(map(str, accounts)) for name, accounts in document.items()}
