"""ETags: which state of a thing an answer shows."""

import hashlib


def etag_of(content: bytes) -> str:
    """A strong ETag: the same bytes, the same tag."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
