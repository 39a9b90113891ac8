"""What all tests share: how long and how randomly hypothesis looks."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# The same examples in every run and no deadline: a test must not depend on the machine's speed.
settings.register_profile(
    "checks", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# `make fuzz`: new examples each time, many of them.
settings.register_profile(
    "fuzz", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("checks")

# Reports are laid out for the width that a test asks for, not for the terminal it runs in.
for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TERM_PROGRAM"):
    os.environ.pop(name, None)
