"""A mail server of a few lines, on a port of its own."""

import socketserver
import threading
from contextlib import contextmanager


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self._say(220, "ready")
        while line := self.rfile.readline():
            verb = line.split()[0].upper().decode()
            if verb == "DATA":
                if not self._take_mail():
                    return
            elif verb == "RCPT" and self.server.refuse_recipients:
                self._say(self.server.refuse_recipients, "no such mailbox")
            elif verb == "QUIT":
                self._say(221, "bye")
                return
            else:
                self._say(250, "ok")

    def _take_mail(self):
        self._say(354, "go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.server.received.append(b"".join(lines))
        if self.server.hang_up_after_mail:
            return False
        self._say(250, "taken")
        return True

    def _say(self, code, words):
        self.wfile.write(f"{code} {words}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    refuse_recipients = 0
    hang_up_after_mail = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Session)
        self.received = []


@contextmanager
def mail_server():
    """A running server; it keeps `received` mails and obeys `refuse_recipients`, `hang_up_after_mail`."""
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
