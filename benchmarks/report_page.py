"""How fast the HTML report of a large case opens and answers, in Chromium without a graphics card.

``python benchmarks/report_page.py`` makes the case of one campaign of 24,000 accounts, renders it,
opens the page with the network off and software rendering, and prints the figures of
``docs/reference/reports/html.md``.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from tests.report.campaigns import campaign, member
from tests.report.cases import example_case

from cautery.records.campaign import AccountLink, Band, Campaign, Member
from cautery.records.case import Case
from cautery.report.page.document import render_page

FRAMES = 60
ON_ONE_CARD = 7

FRAME_TIMES = """
([step, frames]) => new Promise((done) => {
  const act = new Function("frame", step);
  const times = [];
  let last = performance.now();
  let frame = 0;
  function next() {
    const now = performance.now();
    if (frame > 1) times.push(now - last);
    last = now;
    if (frame++ >= frames) return done(times);
    act(frame);
    requestAnimationFrame(next);
  }
  requestAnimationFrame(next);
})
"""
ONE_ACT = """
(act) => new Promise((done) => {
  const begin = performance.now();
  new Function(act)();
  const worked = performance.now() - begin;
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done([worked, performance.now() - begin]);
  requestAnimationFrame(() => channel.port2.postMessage(0));  // comes after the frame is painted
})
"""


def large_case(accounts: int) -> Case:
    """Make one campaign of many accounts, seven on a payment instrument."""
    members = tuple(account(number, accounts) for number in range(accounts))
    big: Campaign = replace(
        campaign(1, accounts=accounts, members=members),
        exchanges=sum(one.exchanges for one in members),
        output_tokens=sum(one.output_tokens for one in members),
    )
    return replace(example_case(), campaigns=(big,), permitted_groups=(), accounts=())


def account(number: int, accounts: int) -> Member:
    """Make one account with the links to the others on its card."""
    first = number - number % ON_ONE_CARD
    others = [one for one in range(first, min(first + 6, accounts)) if one != number]
    bands: tuple[Band, ...] = ("very likely", "very likely", "likely", "watch")
    return replace(
        member(f"acct_{number:06d}", number, bands[number % 4]),
        probability=round(0.999 - number % 4 * 0.12, 6),
        links=tuple(
            AccountLink(
                other_account_id=f"acct_{one:06d}",
                link="payment",
                reason="the same payment instrument, held by 7 accounts of the group",
                bits=8.3,
            )
            for one in others
        ),
    )


def measured(page: Page, step: str) -> str:
    """Time frames while something happens in each, and say the middle and the worst."""
    begin = processor_seconds()
    times = page.evaluate(FRAME_TIMES, [step, FRAMES])
    spent = 1000 * (processor_seconds() - begin) / FRAMES
    worst = sorted(times)[int(len(times) * 0.95)]
    return (
        f"median {statistics.median(times):.1f} ms, 95 % under {worst:.1f} ms; "
        f"{spent:.1f} ms of processor time a frame, all processes of the browser"
    )


def processor_seconds() -> float:
    """Add up the processor time of this process's descendants, which other work cannot swell."""
    parents, ticks = {}, {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            number = int(entry.parent.name)
            parents[number] = int(fields[1])
            ticks[number] = int(fields[11]) + int(fields[12])
    found, grown = {os.getpid()}, True
    while grown:
        below = {number for number, parent in parents.items() if parent in found}
        grown = not below <= found
        found |= below
    return sum(ticks[number] for number in found - {os.getpid()}) / os.sysconf("SC_CLK_TCK")


def once(page: Page, act: str) -> tuple[float, float]:
    """Time one thing: its own work, and until it is drawn, in milliseconds."""
    worked, drawn = page.evaluate(ONE_ACT, act)
    return worked, drawn


def look(path: Path) -> None:
    """Open the page and print the figures."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--use-angle=swiftshader"],
        )
        paints = []
        for _ in range(5):
            context = browser.new_context(viewport={"width": 1400, "height": 900}, offline=True)
            page = context.new_page()
            page.goto(path.as_uri())
            page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
            paints.append(
                page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            )
        ready = page.evaluate(
            "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
        )
        print(
            f"first paint     median {statistics.median(paints):.0f} ms of {len(paints)}, "
            f"worst {max(paints):.0f} ms; script done after {ready:.0f} ms"
        )
        page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
        print("scroll page    ", measured(page, "scrollTo(0, frame * 60)"))
        page.evaluate("document.getElementById('account-live').scrollIntoView()")
        table = "document.getElementById('account-live').scrollTop"
        print("scroll table   ", measured(page, f"{table} = frame * 97"))
        print("jump in table  ", measured(page, f"{table} = (frame * 7919 % 24000) * 36"))
        page.evaluate("document.querySelector('.picture').scrollIntoView()")
        move = """
          const board = document.querySelector('.picture-board');
          const box = board.getBoundingClientRect();
          board.dispatchEvent(new PointerEvent('pointermove', {
            clientX: box.left + (frame * 37 % box.width),
            clientY: box.top + (frame * 23 % box.height),
          }));
        """
        print("picture, pointer", measured(page, move))
        typed = "const f = document.getElementById('account-filter'); f.value = '{}';"
        typed += "f.dispatchEvent(new Event('input'))"
        for words, act in (
            ("sort by tokens", "document.querySelector('[data-sort=tokens]').click()"),
            ("sort by account", "document.querySelector('[data-sort=id]').click()"),
            ("filter, first", typed.format("acct_0123")),
            ("filter, again", typed.format("acct_01")),
            ("open an account", "cautery.openAccount(100)"),
        ):
            worked, drawn = once(page, act)
            print(f"{words:<16} {worked:.0f} ms of work, {drawn:.0f} ms until drawn")
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=24_000)
    accounts = parser.parse_args().accounts
    begin = time.perf_counter()
    text = render_page(large_case(accounts))
    print(
        f"{accounts:,} accounts: rendered in {time.perf_counter() - begin:.1f} s with making the "
        f"case, {len(text.encode()) / 1e6:.1f} MB"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        path.write_text(text, encoding="utf-8")
        look(path)


if __name__ == "__main__":
    main()
