"""Composed prompts: pieces, items and rendering; all vectorised."""
