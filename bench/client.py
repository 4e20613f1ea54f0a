"""A client so small that it leaves the processor to the server: prepared bytes over kept connections."""

import itertools
import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

Address = tuple[str, int]


class WrongAnswer(RuntimeError):
    """The server said something that the figure does not count; the text begins with its status."""


@dataclass(frozen=True)
class Answer:
    """One response."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """The value of the first header of this name; empty without one."""
        return next(iter(self.headers(name)), "")

    def headers(self, name: str) -> list[str]:
        """All values of a header that may come more than once."""
        start = name.lower().encode() + b":"
        lines = self.head.split(b"\r\n")
        return [line[len(start) :].strip().decode() for line in lines if line.lower().startswith(start)]


class Connection:
    """One kept HTTP/1.1 connection, opened again when the server has closed it."""

    def __init__(self, address: Address):
        self.address = address
        self.socket: socket.socket | None = None

    def ask(self, request: bytes) -> Answer:
        """Send one prepared request and read its whole answer."""
        if self.socket is None:
            self.socket = socket.create_connection(self.address, timeout=30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)
        answer = self._read()
        if answer.header("connection").lower() == "close":
            self.close()
        return answer

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def _read(self) -> Answer:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(Answer(0, head, b"").header("content-length"))
        parts, missing = [body], length - len(body)
        while missing > 0:
            parts.append(self._receive())
            missing -= len(parts[-1])
        return Answer(int(head[9:12]), head, b"".join(parts))

    def _receive(self) -> bytes:
        assert self.socket
        data = self.socket.recv(262_144)
        if not data:
            raise WrongAnswer("the server closed the connection within an answer")
        return data


@dataclass
class Run:
    """What one run counted: answers, seconds, and the latency of each answer in seconds."""

    answers: int = 0
    seconds: float = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers in a second."""
        return self.answers / self.seconds

    def latency_ms(self, share: float) -> float:
        """The latency that this share of the answers kept, in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def run(worker: Callable[[], Callable[[], None]], *, concurrency: int, seconds: float) -> Run:
    """Call what `worker` gives each of `concurrency` threads again and again for some seconds.

    An error of any thread is raised here.
    """
    total = Run()
    acts = [worker() for _ in range(concurrency)]
    began = time.perf_counter()
    end = began + seconds

    def work(act: Callable[[], None]) -> list[float]:
        latencies, then = [], time.perf_counter()
        while then < end:
            act()
            now = time.perf_counter()
            latencies.append(now - then)
            then = now
        return latencies

    with ThreadPoolExecutor(concurrency) as pool:
        for latencies in pool.map(work, acts):
            total.latencies += latencies
    total.answers, total.seconds = len(total.latencies), time.perf_counter() - began
    return total


def asking(
    address: Address, request: Callable[[int], bytes], check: Callable[[Answer], None]
) -> Callable[[], Callable[[], None]]:
    """A worker for `run`: `request(n)` gives the bytes of the n-th request, `check` raises WrongAnswer."""
    numbers = itertools.count()

    def worker() -> Callable[[], None]:
        connection = Connection(address)

        def act() -> None:
            check(connection.ask(request(next(numbers))))

        return act

    return worker


def message(
    method: str,
    path: str,
    *,
    host: str,
    cookies: str = "",
    form: bytes | None = None,
    device: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of a request as they would come from a proxy that ended TLS; `device` names who signed it."""
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {host}",
        "X-Forwarded-Proto: https",
        "X-Forwarded-For: 192.0.2.7",
    ]
    if cookies:
        lines.append(f"Cookie: {cookies}")
    if form is not None:
        kind = "application/json" if device else "application/x-www-form-urlencoded"
        lines += [f"Origin: https://{host}", f"Content-Type: {kind}"]
        lines += [f"X-{name}: {value}" for name, value in (device or {}).items()]
        lines.append(f"Content-Length: {len(form)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (form or b"")
