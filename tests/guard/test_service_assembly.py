"""What a configuration makes of the decision service."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from tests.guard.test_services import BY_SECRET, PROXY, SECRET, write

from cautery.errors import ConfigurationError
from cautery.guard.assembly import assemble
from cautery.guard.configuration import load_configuration
from cautery.guard.configuration_service import DecisionServiceSection
from cautery.guard.configuration_values import Address
from cautery.guard.service_assembly import (
    make_service_settings,
    service_context,
    service_place,
)

MORE = (
    'tag_header = "x-watermark-key"\nserver_degrades = true\naddress_header = "x-forwarded-for"\n'
    'decision_timeout = "500ms"\n[stripped]\nfields = ["Logit_Bias"]\n'
    '[limits]\nbody_size = "2 MiB"\n'
)


def test_every_key_arrives(tmp_path: Path) -> None:
    """What the file says is what the service is told, and the guard's own parts are the proxy's."""
    configuration = load_configuration(write(tmp_path, PROXY + BY_SECRET + MORE))
    section = configuration.decision_service
    assert section is not None
    guard = assemble(configuration)
    settings = make_service_settings(configuration, section, guard)
    assert settings.decider is guard.decider
    assert settings.authenticator is guard.authenticator
    assert (settings.tag_header, settings.server_degrades) == ("x-watermark-key", True)
    assert (settings.address_header, settings.decision_seconds) == ("x-forwarded-for", 0.5)
    assert settings.stripped_fields == frozenset({"logit_bias"})
    assert settings.limits.body_bytes == 2 * 2**20
    assert [secret.reveal() for secret in settings.callers.secrets] == [SECRET.encode()]
    assert SECRET not in repr(settings)
    guard.close()


@pytest.mark.parametrize(("host", "warned"), [("127.0.0.1", 0), ("10.0.0.1", 1)])
def test_a_secret_in_plain_text_is_told(
    host: str, warned: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Over a network without TLS anybody on it reads the secret; the log says so."""
    section = DecisionServiceSection(callers="secret", listen=Address(host=host, port=1))
    with caplog.at_level(logging.WARNING, "cautery.guard"):
        assert service_context(section) is None
    assert len(caplog.records) == warned


def test_where_it_listens() -> None:
    """An address, or a socket; what is neither was refused before."""
    address = DecisionServiceSection(callers="loopback", listen=Address(host="::1", port=1))
    assert service_place(address) == ("::1", 1)
    socket = DecisionServiceSection(callers="loopback", socket=Path("decide.sock"))
    assert service_place(socket) == Path("decide.sock")
    with pytest.raises(ConfigurationError, match="needs listen or socket"):
        service_place(DecisionServiceSection(callers="loopback"))
