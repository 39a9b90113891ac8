"""The page: one self-contained HTML file, rendered from ``case.json`` alone (ux.md, section 5b)."""
