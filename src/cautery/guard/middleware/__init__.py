"""The guard as ASGI middleware: requests as an ASGI server gives them, answers as it takes them."""
