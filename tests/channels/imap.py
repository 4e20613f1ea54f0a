"""A small IMAP server over real sockets: one folder, the commands our reader speaks (RFC 3501)."""

import re
import socketserver
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

_UID = re.compile(r"(\d+)(?::(\d+|\*))?")


@dataclass
class Mail:
    """A mail in the folder."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)
    arrived: str = "08-May-2026 09:00:00 +0800"


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        if self.server.certificate and not self.server.starttls:
            self._wrap()
        self._say("* OK ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            self.server.commands.append(re.sub(r"^LOGIN .*", "LOGIN", rest))
            verb, _, words = rest.partition(" ")
            if verb == "UID":
                verb, _, words = words.partition(" ")
            if verb in self.server.hang_up_at:
                return
            self._say(f"{tag} {getattr(self, verb.lower())(words)}")
            if verb == "STARTTLS":
                self._wrap()
            if verb == "LOGOUT":
                return

    def finish(self):
        super().finish()
        self.request.close()

    def _wrap(self):
        self.request = self.server.certificate.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        self.server.wrapped = True

    def capability(self, _):
        starttls = " STARTTLS" if self.server.starttls and not self.server.wrapped else ""
        self._say(f"* CAPABILITY IMAP4rev1 ID{starttls}")
        return "OK done"

    def starttls(self, _):
        return "OK begin"

    def id(self, _):
        self.server.named = True
        self._say('* ID ("name" "test")')
        return "OK done"

    def login(self, words):
        return "OK in" if words == 'repairs@example.cn "s3cret word"' else "NO [AUTHENTICATIONFAILED] wrong"

    def select(self, words):
        if not self.server.named:
            return "NO Unsafe Login. Please contact the provider"
        mails = self.server.mails
        self._say(f"* {len(mails)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {self.server.uidvalidity}] valid")
        self._say(f"* OK [UIDNEXT {max((mail.uid for mail in mails), default=0) + 1}] next")
        return "OK [READ-WRITE] open"

    def search(self, words):
        found = list(self.server.mails)
        if "UNSEEN" in words:
            found = [mail for mail in found if "\\Seen" not in mail.flags]
        if named := _UID.search(words):
            low, high = int(named[1]), named[2]
            last = max((mail.uid for mail in self.server.mails), default=0)
            # The order of the two ends does not matter: "9:*" is "8:9" where the last one is 8.
            low, high = sorted((low, last if high == "*" else int(high or low)))
            found = [mail for mail in found if low <= mail.uid <= high]
        self._say(f"* SEARCH {' '.join(str(mail.uid) for mail in found)}".rstrip())
        return "OK done"

    def fetch(self, words):
        uid, _, what = words.partition(" ")
        mail = self._mail(uid)
        if mail and "RFC822.SIZE" in what:
            self._say(f'* 1 FETCH (UID {uid} RFC822.SIZE {len(mail.raw)} INTERNALDATE "{mail.arrived}")')
        elif mail:
            body = mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if "HEADER" in what else mail.raw
            self.wfile.write(f"* 1 FETCH (UID {uid} BODY[] {{{len(body)}}}\r\n".encode() + body + b")\r\n")
        return "OK done"

    def store(self, words):
        uid, _, what = words.partition(" ")
        if (mail := self._mail(uid)) and "\\Seen" in what:
            mail.flags.add("\\Seen")
        return "OK done"

    def logout(self, _):
        self._say("* BYE")
        return "OK done"

    def _mail(self, uid):
        return next((mail for mail in self.server.mails if mail.uid == int(uid)), None)

    def _say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    """What stands in the folder, what was asked, and at which commands to hang up."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, certificate: ssl.SSLContext | None, starttls: bool):
        super().__init__(("127.0.0.1", 0), _Session)
        self.certificate, self.starttls = certificate, starttls
        self.wrapped = False
        self.mails: list[Mail] = []
        self.commands: list[str] = []
        self.hang_up_at: set[str] = set()
        self.uidvalidity = 7
        self.named = False

    @property
    def port(self) -> int:
        return self.server_address[1]

    def deliver(self, raw: bytes, *, seen: bool = False) -> Mail:
        """Put a mail into the folder."""
        uid = max((mail.uid for mail in self.mails), default=0) + 1
        mail = Mail(uid, raw, {"\\Seen"} if seen else set())
        self.mails.append(mail)
        return mail

    def handle_error(self, request, client_address):
        """A client that goes away is no news."""


@contextmanager
def imap_server(certificate: ssl.SSLContext | None = None, *, starttls: bool = False):
    """A running server; with a certificate it speaks TLS, at once or when asked."""
    with Server(certificate, starttls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
