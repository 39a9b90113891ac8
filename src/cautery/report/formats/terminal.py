"""The screen for people: plain text, coloured only by band, whatever the terminal can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.report.screen import Outcome, screen_lines
from cautery.report.style import style_for

if TYPE_CHECKING:
    from typing import TextIO

    from cautery.records.case import Case


class TerminalReport:
    """Writes the screen of ``cautery scan``; the width and the colours are those of the stream."""

    name = "terminal"
    file_name = ""

    def write(self, case: Case, stream: TextIO) -> None:
        """Write the screen.

        Args:
            case: The result of a scan.
            stream: A terminal or any other text stream.
        """
        lines = screen_lines(case, style_for(stream), Outcome())
        stream.writelines(f"{line}\n" for line in lines)


MEMBER: Final = TerminalReport()
