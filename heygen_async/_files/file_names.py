"""File names for keys and ids, which may hold any character."""

from __future__ import annotations

import hashlib
import re

_MAX_LENGTH = 100  # characters
_MAX_BYTES = 200  # file systems allow 255; a suffix and the name during the download take the rest


def safe_file_name(key: str) -> str:
    """Return a file name for a key. Different keys get different names on every file system."""
    name = re.sub(r"[^\w.+@=-]+", "_", key).strip(".") or "_"
    is_long = len(name) > _MAX_LENGTH or len(name.encode()) > _MAX_BYTES
    if name == key and not is_long and name == name.lower():
        return name
    start = name[:_MAX_LENGTH].encode()[:_MAX_BYTES].decode(errors="ignore")
    return f"{start}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
