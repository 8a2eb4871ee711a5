"""The connection to a Dask cluster, in a thread of its own: made again whenever it breaks."""

from __future__ import annotations

import asyncio
import logging
import pickle
import secrets
import threading
import time
from collections import Counter
from concurrent.futures import CancelledError as DaskCancelled
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from ocr_pipeline.batch.cluster import messages
from ocr_pipeline.batch.cluster.dask_worker import DaskTask, HostReply, OtherSoftware, TaskKind, do
from ocr_pipeline.batch.cluster.host_identity import Identity, differences
from ocr_pipeline.batch.cluster.hosts import REST_SECONDS, Hosts
from ocr_pipeline.batch.executor import (
    ClusterGoneError,
    Event,
    ExecutorNotice,
    ExecutorTrouble,
    TaskDied,
    TaskDone,
    TaskGivenBack,
)
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.processes.worker import Death

_LOOK_SECONDS = 0.5  # seconds between two looks at who is there
_ANSWER_SECONDS = 20.0  # seconds in which the scheduler must answer, at most
_PAUSE_SECONDS = (0.5, 30.0)  # seconds between two tries to reach it: the first, the longest
_QUIET_SECONDS = 5.0  # seconds without anybody before it is called a trouble
_MOST_LOSSES = 3  # Dask workers that may go away with a task before it is called its fault


class DaskConnection:
    """Has tasks done by a Dask cluster; the outcomes come through a queue.

    Args:
        address: of the scheduler.
        events: takes what happens; an exception among them is the end.
        patience: seconds without scheduler or workers after which it is the end.
        grace: the same while there are workers, but all of them unfit.

    Attributes:
        threads: tasks that can be under way at the same time, at the moment.
        trouble: what keeps it from working at the moment.
        peak_mb: the most memory that a worker with its programs has taken, in 10⁶ bytes.

    """

    def __init__(
        self,
        address: str,
        events: SimpleQueue[Event | Exception],
        patience: float,
        grace: float,
    ) -> None:
        self._address, self._events = address, events
        self._patience, self._grace = patience, min(grace, patience)
        self._answer = max(1.0, min(_ANSWER_SECONDS, patience / 4))
        self.threads, self.peak_mb = 0, 0.0
        self.trouble: ExecutorTrouble | None = None
        self._hosts = Hosts()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._names: dict[int, bytes] = {}
        self._losses: Counter[bytes] = Counter()
        self._shunned: dict[bytes, set[str]] = {}
        self._session = secrets.randbits(48)  # keys of different runs must differ
        self._alone_since: float | None = time.monotonic()
        self._client: Any = None
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="dask link", daemon=True)
        self._thread.start()

    def send(self, number: int, name: bytes, parcel: DaskTask, expected: Identity) -> None:
        """Have a task done.

        Args:
            number: never used before.
            name: the same whenever the same task is sent again.
            parcel: the task.
            expected: what the host must agree with.

        """
        try:
            self._loop.call_soon_threadsafe(self._accept, number, name, parcel, expected)
        except RuntimeError:  # it has just ended; why is in the queue
            self._events.put(TaskGivenBack(number, messages.connection_lost()))

    def close(self) -> None:
        """Cancel what is under way and disconnect."""
        with suppress(RuntimeError):  # it has ended by itself
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(timeout=15)

    # -- the connection

    def _run(self) -> None:
        _silence_dask()
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(lambda *_: None)
        try:
            self._loop.run_until_complete(self._live())
        except Exception as error:
            self._events.put(error)
        finally:
            self.threads = 0
            self._loop.close()

    async def _live(self) -> None:
        pause = _PAUSE_SECONDS[0]
        while not self._over.is_set():
            try:
                self._client = await self._connect()
                pause = _PAUSE_SECONDS[0]
                await self._serve()
            except (ValueError, TypeError, KeyError) as error:
                if self._client is None:
                    raise messages.wrong_address(self._address, error) from error
            except MachineError:
                raise
            except Exception:  # whatever Dask raises when it loses its scheduler
                pass
            finally:
                await self._leave()
            self._judge(messages.no_scheduler(self._address), self._patience)
            await self._pause(pause)
            pause = min(2 * pause, _PAUSE_SECONDS[1])

    async def _connect(self) -> Any:
        import dask
        from distributed import Client

        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
            client = Client(
                self._address,
                asynchronous=True,
                set_as_default=False,
                timeout=self._answer / 2,
                name="sohoa",
            )
            try:
                return await asyncio.wait_for(client, self._answer)
            except BaseException:
                await _closed(client)
                raise

    async def _leave(self) -> None:
        """Disconnect; Dask forgets our tasks then, and its workers stop doing them."""
        client, self._client = self._client, None
        self.threads = 0
        for number in list(self._tasks):
            self._settle(number, TaskGivenBack(number, messages.connection_lost()))
        self._hosts.update({}, ())
        if client is not None:
            await _closed(client)

    async def _serve(self) -> None:
        """Follow who comes and goes until the connection breaks or nobody needs it any more."""
        client = self._client
        while not self._over.is_set() and self._connected:
            threads = await asyncio.wait_for(client.scheduler.ncores(), self._answer)
            running = await asyncio.wait_for(client.scheduler.ncores_running(), self._answer)
            for number, address in self._hosts.update(threads, running):
                self._lost(number, address)
            now = time.monotonic()
            self.threads = self._hosts.threads(now)
            if self.threads:
                self._alone_since = self.trouble = None
            elif why := self._hosts.why_none(now):
                self._judge(why, self._grace)
            else:
                self._judge(messages.no_workers(self._address), self._patience)
            await self._pause(_LOOK_SECONDS)

    @property
    def _connected(self) -> bool:
        return self._client is not None and self._client.status == "running"

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)

    def _judge(self, trouble: ExecutorTrouble, patience: float) -> None:
        """Nobody works: call it a trouble after a moment, the end after a long time."""
        now = time.monotonic()
        if self._alone_since is None:
            self._alone_since = now
        alone = now - self._alone_since
        if alone >= patience and not self._over.is_set():
            unfit = self._client is not None and self._hosts.why_none(now) is not None
            kind = MachineError if unfit else ClusterGoneError
            raise kind(trouble.cause, remedy=trouble.remedy)
        if alone >= min(_QUIET_SECONDS, patience / 4):
            self.trouble = trouble

    # -- tasks

    def _accept(self, number: int, name: bytes, parcel: DaskTask, expected: Identity) -> None:
        place = None
        if self._connected:
            shunned = self._shunned.get(name, ())
            place = self._hosts.place(number, time.monotonic(), shunned)
        if place is None:
            self._events.put(TaskGivenBack(number, messages.no_room()))
            return
        self._names[number] = name
        self._tasks[number] = self._loop.create_task(
            self._do(self._client, number, place, parcel, expected)
        )

    async def _do(
        self, client: Any, number: int, address: str, parcel: DaskTask, expected: Identity
    ) -> None:
        future = None
        try:
            future = client.submit(
                do,
                parcel,
                key=f"sohoa-{self._session}-{number}",
                workers=[address],
                allow_other_workers=False,
                pure=False,
                retries=0,
            )
            reply = await future
            event = self._hear(number, address, reply, expected)
        except asyncio.CancelledError:
            raise
        except (DaskCancelled, OSError, TimeoutError):
            event = TaskGivenBack(number, messages.connection_lost())
        except Exception as error:
            if type(error).__name__ == "KilledWorker":
                self._lost(number, address)
                return
            event = self._refuse(number, address, address, type(error).__name__)
        finally:
            if future is not None:
                future.release()
        self._settle(number, event)

    def _settle(self, number: int, event: Event) -> None:
        task = self._tasks.pop(number, None)
        self._names.pop(number, None)
        self._hosts.free(number)
        if task is None:
            return
        self.threads = self._hosts.threads(time.monotonic()) if self._connected else 0
        self._events.put(event)
        if task is not asyncio.current_task(self._loop):
            task.cancel()

    def _lost(self, number: int, address: str) -> None:
        """A Dask worker went away with a task: by chance, or because of it."""
        name = self._names[number]
        self._losses[name] += 1
        self._shunned.setdefault(name, set()).add(address)
        if self._losses[name] >= _MOST_LOSSES:
            del self._losses[name]
            self._settle(number, TaskDied(number, messages.takes_hosts_along(_MOST_LOSSES)))
        else:
            self._settle(number, TaskGivenBack(number, messages.host_lost(address)))

    # -- what a host answers

    def _hear(self, number: int, address: str, reply: HostReply, expected: Identity) -> Event:
        place = f"{reply.host} ({address})"
        self.peak_mb = max(self.peak_mb, reply.peak_mb)
        try:
            outcome = pickle.loads(reply.contents)
        except Exception as error:  # of another version
            outcome = OtherSoftware({}, type(error).__name__)
        if isinstance(outcome, OtherSoftware):
            what = outcome.error or differences(expected, outcome.found)
            return self._refuse(number, address, place, what)
        if reply.kind is TaskKind.DONE:
            self._hosts.good(address)
            self._shunned.pop(self._names[number], None)
            return TaskDone(number, outcome)
        if reply.kind is TaskKind.DIED:
            return self._hear_death(number, address, place, outcome)
        if reply.kind is TaskKind.PROBLEM:
            return self._hear_problem(number, address, messages.lacking(place, outcome))
        if reply.kind is TaskKind.UNSEEN:
            if Path(outcome.path).exists():
                return self._hear_problem(number, address, messages.blind(place))
            gone = Text("Không còn tệp ảnh quét", "The scan is not there any more")
            return TaskDied(number, gone)
        return TaskGivenBack(number, messages.not_needed(place))

    def _hear_death(self, number: int, address: str, place: str, death: Death) -> TaskDied:
        self._shunned.setdefault(self._names[number], set()).add(address)
        why = messages.deadly(place, death.cause)
        if self._hosts.died(address, time.monotonic(), why):
            self._events.put(ExecutorNotice(messages.not_used(why, REST_SECONDS)))
        return TaskDied(number, death.cause)

    def _hear_problem(self, number: int, address: str, why: ExecutorTrouble) -> TaskGivenBack:
        self._shunned.setdefault(self._names[number], set()).add(address)
        if self._hosts.problem(address, time.monotonic(), why):
            self._events.put(ExecutorNotice(messages.not_used(why, REST_SECONDS)))
        return TaskGivenBack(number, why.cause)

    def _refuse(self, number: int, address: str, place: str, what: str) -> TaskGivenBack:
        why = messages.another(place, what)
        if self._hosts.refuse(address, time.monotonic(), why):
            self._events.put(ExecutorNotice(messages.not_used(why, None)))
        return TaskGivenBack(number, why.cause)


def _silence_dask() -> None:
    """What Dask says in the run's own process, tracebacks among it, is told by us."""
    import distributed  # noqa: F401 (sets up its logging)

    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


async def _closed(client: Any) -> None:
    with suppress(Exception):
        await asyncio.wait_for(client.close(timeout=2), 5)
