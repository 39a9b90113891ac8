"""Lets ``python -m cautery`` do what ``cautery`` does."""

from cautery.cli.main import main

if __name__ == "__main__":
    main()
