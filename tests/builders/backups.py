"""Back-ups for tests: made of a workspace, or altered by somebody who means harm."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ocr_pipeline.store.backup import Backup, make_backup
from ocr_pipeline.store.backup_archive import MANIFEST
from ocr_pipeline.store.workspace import Workspace


def back_up(workspace: Workspace, out: Path, **options: Any) -> Backup:
    """Make a back-up in a folder, which is made, too."""
    out.mkdir(parents=True, exist_ok=True)
    return make_backup(workspace, out, software="sohoa test", **options)


class AlteredBackup:
    """What is in a back-up, to be written again otherwise.

    Attributes:
        manifest: as JSON.
        members: content by name, without the manifest.

    """

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self.members = {name: archive.read(name) for name in archive.namelist()}
        self.manifest = json.loads(self.members.pop(MANIFEST))

    def list_all(self) -> None:
        """Name every member in the manifest, as its maker would."""
        self.manifest["files"] = [
            {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in self.members.items()
        ]

    def write(
        self, path: Path, describe: Callable[[zipfile.ZipInfo], None] = lambda _: None
    ) -> Path:
        """Write it; `describe` changes what the archive says of a member."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.members.items():
                info = zipfile.ZipInfo(name)
                info.compress_type = zipfile.ZIP_DEFLATED
                describe(info)
                archive.writestr(info, data)
            archive.writestr(MANIFEST, json.dumps(self.manifest))
        return path
