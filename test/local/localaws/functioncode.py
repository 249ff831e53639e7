"""Deployed zips, unpacked."""

import hashlib
import io
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path


class Code:
    """Every zip once, however many functions and processes have it."""

    def __init__(self) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="localaws-code-"))
        self._lock = threading.Lock()

    def unpack(self, archive: bytes) -> Path:
        directory = self._root / hashlib.sha256(archive).hexdigest()
        with self._lock:
            if directory.exists():
                return directory
            partial = directory.with_suffix(".partial")
            try:
                with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
                    zipped.extractall(partial)
                    for member in zipped.infolist():
                        # Lambda keeps the modes of the zip, so that a bootstrap without its x bit fails there as here.
                        mode = member.external_attr >> 16 & 0o777
                        if mode and not member.is_dir():
                            (partial / member.filename).chmod(mode | 0o400)
            except zipfile.BadZipFile as error:
                raise OSError(0, f"the code is not a zip: {error}") from None
            partial.rename(directory)
        return directory

    def remove(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)
