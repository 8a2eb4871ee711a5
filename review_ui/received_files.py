"""Files on their way in: taken piece by piece from a request, never whole in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ocr_pipeline.errors import ScanError, SohoaError, Text
from ocr_pipeline.review.uploads import Upload, UploadError
from review_ui.outer_layer import UPLOAD_TYPE, TooLargeError
from review_ui.station import Station

_PIECE_BYTES = 1 << 20  # written at once
_DRAINED_BYTES = 8_000_000  # read and dropped, so that a browser sees why it was refused


@asynccontextmanager
async def received(
    request: Request, at: Station, name: str, most_bytes: int | None = None
) -> AsyncIterator[Upload]:
    """The body of a request as a file that came whole; what the block does not keep is gone.

    Args:
        request: its body is the file's bytes as they are (`application/octet-stream`).
        at: the station.
        name: of the file, for messages and for its ending.
        most_bytes: that this kind of file may have; what the station takes when None.

    Raises:
        HTTPException: 415, the body is something else; 413, it is too large.
        UploadError: it did not come whole, or nothing can be made of it.
        BusyError: too many files come at once.
        DiskFullError: it finds no room.

    """
    if request.headers.get("content-type") != UPLOAD_TYPE:
        raise HTTPException(415)
    told = request.headers.get("content-length", "")
    size = int(told) if told.isdecimal() else 0
    if most_bytes is not None and size > most_bytes:
        await _drain(request)
        raise TooLargeError
    try:
        upload = await run_in_threadpool(at.uploads.receive, name, size)
    except SohoaError as error:
        await _drain(request)
        raise _refused(error) from error
    try:
        await _take_in(request, upload)
        yield upload
    except ScanError as error:
        raise _refused(error) from error
    finally:
        await run_in_threadpool(upload.__exit__)


async def _take_in(request: Request, upload: Upload) -> None:
    held = bytearray()
    try:
        async for piece in request.stream():
            held += piece
            if len(held) >= _PIECE_BYTES:
                await run_in_threadpool(upload.write, bytes(held))
                held.clear()
    except ClientDisconnect as error:
        raise UploadError(
            Text("Kết nối bị ngắt giữa chừng", "The connection was cut off in the middle"),
            where=upload.name,
        ) from error
    except OSError:  # the disk is full
        await _drain(request)
        raise
    await run_in_threadpool(upload.write, bytes(held))


async def _drain(request: Request) -> None:
    taken = 0
    with suppress(ClientDisconnect, HTTPException, RuntimeError):  # all of it was read already
        async for piece in request.stream():
            taken += len(piece)
            if taken > _DRAINED_BYTES:
                return


def _refused(error: SohoaError) -> SohoaError:
    """A fault of a file that was sent is no missing page: it is answered as what it is."""
    if isinstance(error, ScanError):
        return UploadError(error.cause, where=error.where, remedy=error.remedy)
    return error
