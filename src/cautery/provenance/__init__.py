"""Whose text is it, and whose model: tests that end in a certificate with stated limits."""
