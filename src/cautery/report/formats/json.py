"""``case.json``: the whole result but the table of all accounts, schema ``cautery.case/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.report.json_layout import case_document

if TYPE_CHECKING:
    from typing import TextIO

    from cautery.records.case import Case


class JsonReport:
    """Writes the document that every other program, and ``cautery explain``, reads."""

    name = "json"
    file_name = "case.json"

    def write(self, case: Case, stream: TextIO) -> None:
        """Write the case as UTF-8 JSON; the same case gives the same characters.

        Args:
            case: The result of a scan.
            stream: Where to.
        """
        stream.writelines(case_document(case))


MEMBER: Final = JsonReport()
