"""A certificate authority of a test's own, and certificates that it signs for this machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """Who signs."""

    key: RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def fresh(cls) -> Authority:
        """An authority that nobody knows yet."""
        key, name = _key(), _name("sikua test authority")
        return cls(key, _builder(name, name, key, authority=True).sign(key, hashes.SHA256()))

    def write_own(self, folder: Path) -> Path:
        """Write the authority's certificate in PEM; its path."""
        path = folder / "authority.pem"
        path.write_bytes(_pem(self.certificate))
        return path

    def write(self, folder: Path, name: str, *, password: str = "") -> tuple[Path, Path]:
        """Write a certificate for 127.0.0.1 under this name and its key (PKCS #8), both in PEM; their paths."""
        key = _key()
        signed = _builder(_name(name), self.certificate.subject, key, authority=False).sign(self.key, hashes.SHA256())
        paths = folder / f"{name}.pem", folder / f"{name}.key"
        paths[0].write_bytes(_pem(signed))
        locked = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
        paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))
        return paths


def _builder(subject: x509.Name, issuer: x509.Name, key: RSAPrivateKey, *, authority: bool) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if authority:
        return builder
    names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
    return builder.add_extension(x509.SubjectAlternativeName(names), critical=False)


def _key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
