"""A mail server for tests, on loopback: it takes or refuses mail as it is told, with TLS or not."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(slots=True)
class MailServer:
    """How the server behaves, and what it was handed."""

    port: int = 0
    offers_starttls: bool = False
    context: ssl.SSLContext | None = None
    # answers to RCPT TO, used up one by one; afterwards it takes everything
    answers: list[str] = field(default_factory=list)
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        settings: MailServer = self.server.settings  # type: ignore[attr-defined]
        self.secure = False
        self._say("220 test")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper().split(" ")[0]
            if verb == "EHLO":
                self._say("250-test", *(["250-STARTTLS"] if settings.offers_starttls else []))
                self._say("250 8BITMIME")
            elif verb == "STARTTLS":
                self._say("220 go")
                if not self._secure(settings.context):
                    return
            elif verb == "RCPT":
                answer = settings.answers.pop(0) if settings.answers else "250 ok"
                settings.recipients.append(line.split(":", 1)[1])
                self._say(answer)
            elif verb == "DATA":
                self._say("354 go on")
                settings.messages.append(self._read_message())
                settings.secured.append(self.secure)
                self._say("250 ok")
            else:
                self._say("221 bye" if verb == "QUIT" else "250 ok")

    def _secure(self, context: ssl.SSLContext | None) -> bool:
        assert context is not None
        try:
            self.request = context.wrap_socket(self.request, server_side=True)
        except (ssl.SSLError, OSError):  # the client did not like our certificate
            return False
        self.setup()
        return True

    def setup(self) -> None:
        super().setup()
        self.secure = isinstance(self.request, ssl.SSLSocket)

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def _say(self, *lines: str) -> None:
        for line in lines:
            self.wfile.write(f"{line}\r\n".encode())

    def _read_message(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        return message_from_bytes(b"".join(lines), policy=default)  # type: ignore[return-value]


@contextmanager
def mail_server(settings: MailServer) -> Iterator[MailServer]:
    """Run the server in a thread; its port stands in the settings afterwards."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads = True
        server.settings = settings  # type: ignore[attr-defined]
        settings.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield settings
        finally:
            server.shutdown()
            thread.join()


def make_certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server context for `localhost`, and the file of the certificate to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path = folder / "key.pem"
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key_path)
    return context, path
