"""Labelled traffic for measuring detectors: campaigns by tier, and every hard negative."""
