"""nginx as an ordinary user on loopback, with `deploy/nginx.conf` and a certificate of its own."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from visiting import ROOT, find_port, limit_files

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
HOST = "melanoma.example.org"  # as in the deployed configuration
FRAME = """
daemon off;
pid nginx.pid;
events {{}}
http {{
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path other;
    uwsgi_temp_path other;
    scgi_temp_path other;
    include {included};
}}
"""


def require_nginx() -> str:
    """Its path. Without it a test is skipped, or fails where MELANOMA_REQUIRE_SERVERS=1."""
    if NGINX is None:
        missing = "no nginx: install Debian's package `nginx-light`"
        if os.environ.get("MELANOMA_REQUIRE_SERVERS") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return NGINX


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Certificate and key of HOST, signed by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, SHA256())
    )
    as_pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    places = folder / "melanoma.pem", folder / "melanoma.key"
    places[0].write_bytes(certificate.public_bytes(as_pem))
    places[1].write_bytes(key.private_bytes(as_pem, serialization.PrivateFormat.PKCS8, plain))
    return places


def write_configuration(folder: Path, ports: Sequence[int]) -> tuple[Path, int, int]:
    """The deployed configuration with other ports and places: the file, the port of https and that of http."""
    certificate, key = make_certificate(folder)
    https, http = find_port(), find_port()
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    lines = text.splitlines(keepends=True)
    processes = [line for line in lines if line.strip().startswith("server 127.0.0.1:")]
    assert processes
    new = "".join(f"    server 127.0.0.1:{port} max_fails=1 fail_timeout=5s;\n" for port in ports)
    for old, other in (
        ("".join(processes), new),
        ("listen 443 ssl", f"listen 127.0.0.1:{https} ssl"),
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("/etc/ssl/melanoma.pem", str(certificate)),
        ("/etc/ssl/melanoma.key", str(key)),
        ("/var/log/nginx/melanoma.log", "access.log"),
        ("/var/log/nginx/melanoma.error.log", "error.log"),
    ):
        assert old in text, old
        text = text.replace(old, other)
    (folder / "melanoma.conf").write_text(text)
    (folder / "nginx.conf").write_text(FRAME.format(included=folder / "melanoma.conf"))
    return folder / "nginx.conf", https, http


@contextlib.contextmanager
def serve_nginx(folder: Path, ports: Sequence[int]) -> Iterator[tuple[int, int]]:
    """In front of the app's processes at these ports: the ports of https and http.

    It ends where it writes more than a megabyte to a file: less than a photo, more than a test's log.
    """
    program = require_nginx()
    configuration, https, http = write_configuration(folder, ports)
    command = [program, "-p", str(folder), "-c", str(configuration), "-e", str(folder / "error.log")]
    server = subprocess.Popen([*limit_files(2**20), *command])
    try:
        give_up = time.monotonic() + 30
        while not (folder / "nginx.pid").exists():
            assert server.poll() is None, (folder / "error.log").read_text()
            assert time.monotonic() < give_up
            time.sleep(0.05)  # nothing to wait on but its file
        yield https, http
    finally:
        server.terminate()
        server.wait(20)
