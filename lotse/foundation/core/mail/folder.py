"""Mail of the embedded installation: readable files instead of a server."""

import os
import uuid
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from lotse.foundation.core import clock


class FolderBackend(BaseEmailBackend):
    """Writes each message as one `.eml` file into `var/mail`, readable by the owner only."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{clock.now():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:8]}.eml"
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(message.message().as_bytes())
        return len(email_messages)
