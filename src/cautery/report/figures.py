"""How numbers read: thousands, shares, tokens that add up, sizes and durations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNITS: Final[tuple[tuple[int, str], ...]] = (
    (10**9, " G"),
    (10**6, " M"),
    (10**3, " k"),
)


def thousands(number: int) -> str:
    """Write a whole number with commas.

    Args:
        number: Any whole number.

    Returns:
        Its digits in groups of three.

    Example:
        >>> thousands(61200)
        '61,200'
    """
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """Write a number with its noun in the right form.

    Args:
        number: How many.
        noun: The noun for one; its plural takes an *s*.

    Returns:
        Number and noun.

    Example:
        >>> counted(1, "campaign"), counted(1200, "account")
        ('1 campaign', '1,200 accounts')
    """
    return f"{thousands(number)} {noun}{'' if number == 1 else 's'}"


def share(part: float, whole: float) -> str:
    """Write a part of a whole in per cent with one decimal.

    Args:
        part: The part.
        whole: The whole; nothing is a share of zero.

    Returns:
        For example ``24.2 %``; ``-`` if the whole is zero, and a small part never as none.

    Example:
        >>> share(485, 2000), share(1, 16_099), share(0, 10)
        ('24.2 %', '< 0.1 %', '0.0 %')
    """
    if not whole:
        return "-"
    percent = 100 * part / whole
    return "< 0.1 %" if 0 < percent < 0.05 else f"{percent:.1f} %"


def chance(probability: float) -> str:
    """Write a chance in per cent, never as a certainty.

    Args:
        probability: From 0 to 1.

    Returns:
        Two decimals, or ``> 99.99 %`` and ``< 0.01 %`` at the ends.

    Example:
        >>> chance(0.99986), chance(1 - 1e-9), chance(0.5)
        ('99.99 %', '> 99.99 %', '50.00 %')
    """
    hundredths = round(probability * 10_000)
    if hundredths >= 10_000:
        return "> 99.99 %"
    if hundredths <= 0:
        return "< 0.01 %"
    return f"{hundredths / 100:.2f} %"


def tenths(bits: float) -> int:
    """Give bits as a whole number of tenths, the grain in which they are shown and added.

    Args:
        bits: A weight.

    Returns:
        Tenths of a bit.

    Example:
        >>> tenths(-7.6)
        -76
    """
    return round(bits * 10)


def signed(tenth_bits: int) -> str:
    """Write tenths of a bit with a sign.

    Args:
        tenth_bits: From ``tenths``.

    Returns:
        One decimal with its sign.

    Example:
        >>> signed(69), signed(-6), signed(0)
        ('+6.9', '-0.6', '+0.0')
    """
    return f"{tenth_bits / 10:+.1f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Numbers written in one unit, so that what is printed adds up to the printed total."""

    rows: tuple[str, ...]
    total: str


def adding_up(amounts: Sequence[int]) -> Column:
    """Write amounts in one unit with one decimal; the rounded rows add up to the rounded total.

    The rows are rounded by largest remainders: each is off by less than a tenth of the unit.

    Args:
        amounts: Whole numbers, none negative.

    Returns:
        The rows and their total.

    Example:
        >>> adding_up([48_920_000, 8_090_000, 1_290_000]).rows
        ('48.9 M', '8.1 M', '1.3 M')
        >>> adding_up([48_920_000, 8_090_000, 1_290_000]).total
        '58.3 M'
    """
    total = sum(amounts)
    smallest = min((amount for amount in amounts if amount), default=0)
    unit, name = next((pair for pair in _UNITS if smallest * 10 >= pair[0]), (1, ""))
    if unit == 1:
        return Column(rows=tuple(thousands(amount) for amount in amounts), total=thousands(total))
    grain = unit // 10
    floors = [amount // grain for amount in amounts]
    # Half up: a total that ends in .5 tenths goes up, whatever the platform.
    wanted = (2 * total + grain) // (2 * grain)
    order = sorted(range(len(amounts)), key=lambda index: (-(amounts[index] % grain), index))
    for index in order[: wanted - sum(floors)]:
        floors[index] += 1
    return Column(
        rows=tuple(f"{floor / 10:,.1f}{name}" for floor in floors),
        total=f"{wanted / 10:,.1f}{name}",
    )


def amount(number: int) -> str:
    """Write one large amount with a unit.

    Args:
        number: A whole number, not negative.

    Returns:
        For example ``58.3 M``; whole below 10,000.

    Example:
        >>> amount(58_343_000), amount(168_212), amount(900)
        ('58.3 M', '168.2 k', '900')
    """
    for unit, name in _UNITS:
        if number >= max(unit, 10_000):
            return f"{number / unit:,.1f}{name}"
    return thousands(number)


def rate(number: float) -> str:
    """Write a small rate, never in scientific notation.

    Args:
        number: Not negative.

    Returns:
        Two digits that count, or ``< 0.001``.

    Example:
        >>> rate(0.031), rate(0.00001), rate(0.0), rate(123.4)
        ('0.031', '< 0.001', '0', '123')
    """
    if 0 < number < 0.001:
        return "< 0.001"
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def size(byte_count: int) -> str:
    """Write a size in decimal units.

    Args:
        byte_count: Bytes.

    Returns:
        For example ``214 MB``.

    Example:
        >>> size(214_000_000), size(999), size(1_250_000)
        ('214 MB', '999 B', '1.2 MB')
    """
    number = float(byte_count)
    for unit in ("B", "kB", "MB"):
        if number < 999.5:
            return f"{number:.0f} {unit}" if number >= 10 or unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:,.1f} GB"


def duration(seconds: float) -> str:
    """Write a duration as minutes and seconds.

    Args:
        seconds: Not negative.

    Returns:
        ``m:ss``, or ``h:mm:ss`` from an hour.

    Example:
        >>> duration(5.2), duration(3700)
        ('0:05', '1:01:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def moment(iso_time: str) -> str:
    """Write an ISO 8601 time to the minute, as people read it.

    Args:
        iso_time: As a record holds it, for example ``2026-10-03T00:01:00Z``.

    Returns:
        Date and minute; what does not look like a time is returned as it is.

    Example:
        >>> moment("2026-10-03T00:01:59.5Z")
        '2026-10-03 00:01'
    """
    if len(iso_time) >= 16 and iso_time[10] in "T ":
        return f"{iso_time[:10]} {iso_time[11:16]}"
    return iso_time


def day(iso_time: str) -> str:
    """Write the day of an ISO 8601 time.

    Args:
        iso_time: As a record holds it.

    Returns:
        Its first ten characters.

    Example:
        >>> day("2026-10-03T00:01:00Z")
        '2026-10-03'
    """
    return iso_time[:10]
