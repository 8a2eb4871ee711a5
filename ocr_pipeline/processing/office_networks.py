"""The networks that an office has made from its own corrections: which there are, which one reads.

They lie in one folder, each in its own, which nothing changes once it is there. `in-use.json` names
those that have been put into use, the latest last; it is replaced in one step, so that a command
that is killed leaves the one before in use. A run looks here once, when it begins.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.errors import MachineError, Text, UsageError
from ocr_pipeline.private_files import tighten
from ocr_pipeline.processing.office_layouts import office_layouts
from ocr_pipeline.processing.office_policy import office_policy
from ocr_pipeline.processing.settings import RunSettings, saved_settings
from ocr_pipeline.reading.models import is_shipped, verify
from ocr_pipeline.reading.network_file import LEARNING_RECORD
from ocr_pipeline.resources import shipped
from ocr_pipeline.store.files import (
    MARK,
    file_errors_explained,
    flush,
    flush_folder,
    make_folders,
    write_text,
)
from ocr_pipeline.store.held_files import hold, let_go
from ocr_pipeline.usual_options import USUAL

FOLDER = "models"
"""The folder of a workspace in which its office's networks lie."""

_IN_USE = "in-use.json"
_LOCK = "learning.lock"
_BACK = Text(
    "Trở lại mạng trước: sohoa network rollback",
    "Go back to the network before: sohoa network rollback",
)


class NetworksInUseFile(Strict):
    """`in-use.json`.

    Attributes:
        networks: names of the networks put into use and not rolled back since, the latest last;
            none: the shipped one reads.

    """

    networks: tuple[Annotated[str, Field(pattern=r"^[\w.+-]+$", max_length=100)], ...] = ()


@dataclass(frozen=True, slots=True)
class OfficeNetwork:
    """A network of the office.

    Attributes:
        name: of its folder, which is its version.
        folder: where it lies.
        in_use: it reads now.

    """

    name: str
    folder: Path
    in_use: bool


class OfficeNetworks:
    """The networks of one office.

    Args:
        folder: where they lie; need not be there.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, workspace: Path) -> OfficeNetworks:
        """Those that the workspace with this folder reads with.

        Raises:
            BadInputError: `policy.yaml` cannot be used.

        """
        shared = office_policy(workspace).networks
        return cls(workspace / Path(shared).expanduser() if shared else workspace / FOLDER)

    def names(self) -> list[str]:
        """Names of all networks that are whole, in the order in which they were made."""
        found = self.folder.glob(f"*/{LEARNING_RECORD}") if self.folder.is_dir() else ()
        own = [path.parent.name for path in found if not path.parent.name.startswith(MARK)]
        return sorted(own, key=lambda name: (_number(name), name))

    def networks(self) -> list[OfficeNetwork]:
        """All networks, the oldest first."""
        now = self.in_use
        return [OfficeNetwork(name, self.folder / name, name == now) for name in self.names()]

    @property
    def former(self) -> tuple[str, ...]:
        """Names of those put into use and not rolled back since, the latest last.

        Raises:
            MachineError: the file that says so is damaged.

        """
        path = self.folder / _IN_USE
        if not path.is_file():
            return ()
        return load_data(path, NetworksInUseFile, MachineError, _BACK_TO_SHIPPED).networks

    @property
    def in_use(self) -> str:
        """Name of the network that reads now; "" for the usual shipped one."""
        return (self.former or ("",))[-1]

    @property
    def base(self) -> str:
        """Name of the shipped network that new ones are made from: the last one in use."""
        own = self.names()
        found = [name for name in self.former if name not in own and is_shipped(name)]
        return (found or [USUAL.model])[-1]

    def path_of(self, name: str) -> Path:
        """The folder of a network, of the office or shipped.

        Raises:
            UsageError: there is none of this name.

        """
        if name not in self.names():
            if is_shipped(name):
                return shipped("models") / name
            known = ", ".join(self.names()) or "–"
            raise UsageError(
                Text(f"Cơ quan không có mạng “{name}”", f"The office has no network “{name}”"),
                where=str(self.folder),
                remedy=Text(f"Chọn một trong: {known}", f"Choose one of: {known}"),
            )
        return self.folder / name

    def promote(self, name: str) -> None:
        """Put a network into use, of the office or shipped: runs from now on read with it.

        Raises:
            UsageError: there is none of this name.
            MachineError: its files are damaged, or the folder cannot be written to.

        """
        verify(self.path_of(name))
        if name != self.in_use:
            self._write((*self.former, name))

    def roll_back(self, *, to_shipped: bool = False) -> str:
        """Go back to the network before, or to the shipped one.

        Returns:
            Name of the network that reads now; "" for the shipped one.

        Raises:
            UsageError: the shipped one reads already.
            MachineError: the folder cannot be written to.

        """
        if to_shipped:
            self._write(())  # also where the file that tells is damaged
            return ""
        former = self.former
        if not former:
            raise UsageError(
                Text("Đang dùng mạng đi kèm phần mềm", "The shipped network is in use already"),
                where=str(self.folder),
                remedy=Text("Xem: sohoa network list", "See: sohoa network list"),
            )
        self._write(former[:-1])
        return (former[:-1] or ("",))[-1]

    def next_name(self, base: str) -> str:
        """Name for the next network made from version `base` of the shipped one."""
        return f"{base}+{1 + max(map(_number, self.names()), default=0)}"

    @contextmanager
    def at_work(self) -> Iterator[Path]:
        """Keep learning to this process; gives the folder for what is not finished.

        Raises:
            MachineError: another process learns, or the folder cannot be written to.

        """
        with file_errors_explained(self.folder):
            make_folders(self.folder, self.folder.parent)
            try:
                held = hold(self.folder / _LOCK)
            except BlockingIOError:
                raise MachineError(
                    Text("Một lệnh khác đang học", "Another command is learning"),
                    where=str(self.folder),
                    remedy=Text("Chờ lệnh kia xong", "Wait until the other command ends"),
                ) from None
        try:
            yield self.folder / f"{MARK}learning"
        finally:
            let_go(held)

    def add(self, made: Path, name: str) -> Path:
        """Give a finished network its place; it is not in use by that.

        Args:
            made: its folder, beside the others.
            name: what it is called from now on.

        Raises:
            MachineError: its files do not fit their checksums, or the folder cannot be written to.

        """
        verify(made)
        tighten(made)
        with file_errors_explained(self.folder):
            for path in made.iterdir():
                flush(path)
            flush_folder(made)
            made.replace(self.folder / name)
            flush_folder(self.folder)
        return self.folder / name

    def _write(self, names: tuple[str, ...]) -> None:
        text = json.dumps({"networks": names}, ensure_ascii=False, indent=1) + "\n"
        with file_errors_explained(self.folder):
            write_text(self.folder / _IN_USE, text, self.folder.parent)


_BACK_TO_SHIPPED = Text(
    "Trở lại mạng đi kèm phần mềm: sohoa network rollback --shipped",
    "Go back to the shipped network: sohoa network rollback --shipped",
)


def clear(work: Path) -> None:
    """Delete what an unfinished learning left behind."""
    shutil.rmtree(work, ignore_errors=True)


def model_in(workspace: Path, name: str) -> str:
    """What `load_model` takes for a model named in a workspace.

    The usual model is the network that the office has put into use, if it has; its other networks
    are known by their names; everything else stays as it is.

    Args:
        workspace: folder of the workspace.
        name: as people say it.

    Raises:
        BadInputError: `policy.yaml` cannot be used.
        MachineError: the network in use is not there, or the file that names it is damaged.

    """
    networks = OfficeNetworks.of(workspace)
    chosen = networks.in_use if name == USUAL.model else name
    if chosen in networks.names():
        return str(networks.path_of(chosen))
    if name != USUAL.model or not chosen:
        return name
    if is_shipped(chosen):
        return chosen
    raise MachineError(
        Text(f"Không thấy mạng đang dùng “{chosen}”", f"The network in use, “{chosen}”, is gone"),
        where=str(networks.folder),
        remedy=_BACK,
    )


def with_office_network(workspace: Path, settings: RunSettings) -> RunSettings:
    """The settings with the network and the layouts that an office reads with now.

    Raises:
        BadInputError, MachineError: see `model_in`.

    """
    own = office_layouts(workspace)
    return replace(settings, model=model_in(workspace, settings.model), office_layouts=own)


def current_settings(workspace: Path) -> RunSettings:
    """The settings of the last run over a workspace, with what its office has of its own now.

    Raises:
        BadInputError, MachineError: see `model_in` and `saved_settings`.

    """
    return with_office_network(workspace, saved_settings(workspace))


def _number(name: str) -> int:
    number = name.rpartition("+")[2]
    return int(number) if number.isdigit() else 0
