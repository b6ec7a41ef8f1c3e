"""Certificates are checked, old protocols are not spoken, an own authority can be named."""

import ssl
import threading
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harness_cli.config.model import Network
from harness_cli.core.errors import ConnectorError
from tests.simulators.wired import github_at, invoke, transport

BODY = (
    b'{"id": 1, "full_name": "acme/infra-core", "default_branch": "main", '
    b'"private": true, "fork": false, "archived": false}'
)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: object) -> None:
        pass


class Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        pass


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "stand-in.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
    return path


def serving(certificate: Path, newest: ssl.TLSVersion) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.maximum_version = newest
    server = Quiet(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def modern(certificate: Path) -> Iterator[str]:
    yield from serving(certificate, ssl.TLSVersion.MAXIMUM_SUPPORTED)


@pytest.fixture
def old(certificate: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are the point
        address = serving(certificate, ssl.TLSVersion.TLSv1_1)
        first = next(address)
    yield first
    next(address, None)


def test_a_certificate_of_nobody_is_refused(modern: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        invoke(github_at(modern), "github:GetRepository", repo="acme/infra-core")
    assert caught.value.code == "C115"
    assert "network.ca_file" in caught.value.help


def test_an_own_authority_is_trusted_where_it_is_named(modern: str, certificate: Path) -> None:
    over, _ = transport(network=Network(ca_file=str(certificate)))
    github = github_at(modern, over)
    assert invoke(github, "github:GetRepository", repo="acme/infra-core").value["id"] == 1
    github.close()


def test_old_protocols_are_not_spoken(old: str, certificate: Path) -> None:
    over, _ = transport(network=Network(ca_file=str(certificate)))
    with pytest.raises(ConnectorError):
        invoke(github_at(old, over), "github:GetRepository", repo="acme/infra-core")
