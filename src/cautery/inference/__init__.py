"""Thin: runs a watermark or a defence inside an engine, whose classes it extends."""
