"""A real mail server on this machine that does what a test tells it to."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

GOOD = {"data": "354 Go on", ".": "250 Kept", "quit": "221 Bye"}
HANGS, HANGS_UP = "hangs", "hangs up"


class MailServer:
    """``answers``: command ("hello" for the first line, "." for the end of a text) -> what it says to it, HANGS or
    HANGS_UP. ``kept``: the texts that it took."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.kept: list[str] = []
        self.over = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb", buffering=0) as lines, suppress(OSError):
            if not self.say(lines, "hello", "220 Here"):
                return
            text: list[str] | None = None
            for line in lines:
                said = line.decode().rstrip("\r\n")
                if text is not None and said != ".":
                    text.append(said)
                    continue
                command = said.split(" ")[0].lower()
                answer = self.answers.get(command, GOOD.get(command, "250 Good"))
                if text is not None and answer.startswith("2"):
                    self.kept.append("\n".join(text))
                text = [] if command == "data" and answer.startswith("3") else None
                if not self.say(lines, command, answer):
                    return

    def say(self, lines, command: str, usual: str) -> bool:
        """Whether it goes on."""
        answer = self.answers.get(command, usual)
        if answer == HANGS:
            self.over.wait(timeout=30)
        if answer in (HANGS, HANGS_UP):
            return False
        lines.write(f"{answer}\r\n".encode())
        return True


@contextmanager
def mail_server(settings) -> Iterator[MailServer]:
    """The site's mail server, as long as it lasts; the site waits for it no longer than half a second."""
    server = MailServer()
    settings.EMAIL_BACKEND = "members.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 0.5
    try:
        yield server
    finally:
        server.over.set()
        server.listening.close()
