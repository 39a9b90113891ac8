"""``python -m benchmarks``: the short ones, one after another; what the others are called."""

from __future__ import annotations

from benchmarks import baselines, quality, speed


def main() -> None:
    """Run what takes a few minutes and say how to run the rest."""
    print("== start")
    speed.main(["start"])
    print("== readers")
    speed.main(["read"])
    print("== quality, one seed")
    quality.main(["--tiers", "loud", "february", "hydra", "none", "recorded", "reworded", "unique"])
    print("== baselines, one seed")
    baselines.main(["--seeds", "1"])
    print("Longer: python benchmarks/quality.py --seeds 1 2 3 4 5; python benchmarks/speed.py scan")


if __name__ == "__main__":
    main()
