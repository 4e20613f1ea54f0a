"""A server that speaks WeChat's documented HTTP interface, over real connections, with its moods."""

import json
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

APP_ID, SECRET = "wx-test", "app-secret"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self):
        self._answer({})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        self._answer(json.loads(self.rfile.read(length) or b"{}"))

    def _answer(self, body):
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        server = self.server
        with server.lock:
            server.asked.append((parts.path, query, body))
            server.counts[parts.path] += 1
            mood = server.moods.get(parts.path, [])
            trouble = mood.pop(0) if mood else None
        if trouble == "hang up":
            self.close_connection = True
            return
        if isinstance(trouble, int):
            self._json(
                {"errcode": trouble, "errmsg": "trouble"}, status=trouble if 500 <= trouble < 600 else 200
            )
            return
        getattr(self, PATHS[parts.path])(query, body)

    def stable_token(self, query, body):
        if (body.get("appid"), body.get("secret")) != (APP_ID, SECRET):
            self._json({"errcode": 40013, "errmsg": "invalid appid"})
            return
        if body["force_refresh"] or not self.server.token:
            self.server.token = f"token-{self.server.counts['/cgi-bin/stable_token']}"
        self._json({"access_token": self.server.token, "expires_in": 7200})

    def template(self, query, body):
        if self._holds_token(query):
            self.server.sent.append(body)
            self._json({"errcode": 0, "errmsg": "ok", "msgid": 200 + len(self.server.sent)})

    def text(self, query, body):
        if self._holds_token(query):
            self.server.sent.append(body)
            self._json({"errcode": 0, "errmsg": "ok"})

    menu = text

    def oauth(self, query, body):
        if query.get("secret") != SECRET or query.get("code") not in self.server.codes:
            self._json({"errcode": 40029, "errmsg": "invalid code"})
        else:
            self._json({"access_token": "other", "openid": self.server.codes.pop(query["code"])})

    def media(self, query, body):
        if not self._holds_token(query):
            return
        content = self.server.files.get(query.get("media_id"))
        if content is None:
            self._json({"errcode": 40007, "errmsg": "invalid media_id"})
            return
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.end_headers()
        self.wfile.write(content)

    def _holds_token(self, query) -> bool:
        if query.get("access_token") == self.server.token:
            return True
        self._json({"errcode": 40001, "errmsg": "invalid credential"})
        return False

    def _json(self, answer, status=200):
        self.send_response(status)
        self.send_header("Content-Type", "application/json; encoding=utf-8")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *words):
        """Nothing to the terminal."""


PATHS = {
    "/cgi-bin/stable_token": "stable_token",
    "/cgi-bin/message/template/send": "template",
    "/cgi-bin/message/custom/send": "text",
    "/cgi-bin/menu/create": "menu",
    "/cgi-bin/media/get": "media",
    "/sns/oauth2/access_token": "oauth",
}


class Server(ThreadingHTTPServer):
    """What was asked and sent; `moods` are troubles to come by path: errcode, HTTP status or "hang up"."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Lock()
        self.token = ""
        self.asked, self.sent = [], []
        self.counts = Counter()
        self.moods: dict[str, list] = {}
        self.codes: dict[str, str] = {}
        self.files: dict[str, bytes] = {}


@contextmanager
def wechat_server(settings):
    """A running server, and settings that lead to it."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        settings.WECHAT_API_URL = f"http://127.0.0.1:{server.server_address[1]}"
        settings.WECHAT_APP_ID, settings.WECHAT_APP_SECRET = APP_ID, SECRET
        settings.WECHAT_TOKEN = "webhook-token"
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
