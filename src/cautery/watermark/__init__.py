"""Watermarks: schemes, keys and detection, with every engine's own numbers; numpy, no torch."""
