"""Django's way to a mail server, but for one thing: it says where nobody can know whether the server took a message."""

import smtplib
from typing import Any

from django.core.mail.backends import smtp


class PerhapsSent(Exception):
    """The server had the text and went silent before it said whether it keeps it."""


class Handover:
    """Before the text is handed over, a failure means that nothing was sent. From there on only an answer says so."""

    def data(self, msg: Any) -> Any:
        try:
            return super().data(msg)  # type: ignore[misc]
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            if isinstance(error, smtplib.SMTPResponseException):
                raise
            raise PerhapsSent(str(error)) from error


class Plain(Handover, smtplib.SMTP):
    pass


class Encrypted(Handover, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return Encrypted if self.use_ssl else Plain
