"""What the verb ``cautery intel serve`` does."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cautery.cli.configuration_faults import fault_lines
from cautery.cli.exits import Exit
from cautery.errors import UsageError
from cautery.intel.taxii.assembly import check_everything, now_microseconds
from cautery.intel.taxii.configuration import load_configuration
from cautery.intel.taxii.server_log import begin_logging
from cautery.intel.taxii.serving import serve
from cautery.intel.taxii.token_files import add_token, read_pepper
from cautery.policy.places import did_you_mean


def serve_file(path: Path) -> int:
    """Serve by a configuration file.

    Args:
        path: The file.

    Returns:
        The exit code.
    """
    configuration = load_configuration(path)
    begin_logging()
    serve(configuration, lambda port: print(json.dumps({"port": port}), flush=True))
    return Exit.RAN


def check_file(path: Path, output_format: str) -> int:
    """Name everything that is wrong in a configuration and the files that it names.

    Args:
        path: The file.
        output_format: ``human`` or ``json``.

    Returns:
        The exit code.
    """
    lines, code = fault_lines(path, check_everything(path), output_format)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return code


def make_token(path: Path, peer: str) -> int:
    """Draw a token for a peer and print it; the file of tokens gets its digest.

    Args:
        path: The configuration.
        peer: Name of the peer.

    Returns:
        The exit code.

    Raises:
        UsageError: There is no such peer, or no file of tokens is named.
    """
    configuration = load_configuration(path)
    names = [one.name for one in configuration.peers]
    if peer not in names:
        raise UsageError(f"there is no [[peer]] '{peer}'", hint=did_you_mean(peer, names))
    server, folder = configuration.server, configuration.folder
    if not server.tokens:
        raise UsageError("[server] names no file of tokens", hint="Give tokens and pepper.")
    pepper = read_pepper(server.pepper, folder)
    token = add_token(folder / server.tokens, peer, pepper, now=now_microseconds())
    print(token.reveal().decode("ascii"))
    print("Nobody can show it again; the server knows it once it is restarted.", file=sys.stderr)
    return Exit.RAN
