"""One request in, one decision out, in front of any server of language models."""
