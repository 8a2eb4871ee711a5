"""What is said about a cluster: cause and remedy, in Vietnamese and English."""

from __future__ import annotations

from ocr_pipeline.batch.executor import ExecutorTrouble
from ocr_pipeline.errors import MachineError, Text

_SEE = Text("docs/vi/cluster.md", "docs/en/cluster.md")


def not_installed() -> MachineError:
    """Dask is missing."""
    return MachineError(
        Text("Chưa cài Dask", "Dask is not installed"),
        remedy=Text("pip install 'sohoa[cluster]'", "pip install 'sohoa[cluster]'"),
    )


def wrong_address(address: str, error: Exception) -> MachineError:
    """The address cannot be used at all."""
    return MachineError(
        Text("Địa chỉ bộ điều phối Dask không dùng được", "The scheduler's address cannot be used"),
        where=address,
        remedy=Text(
            f"Ví dụ: tcp://pc1:8786, hoặc tls://… cùng chứng thư trong cấu hình Dask ({error})",
            f"Example: tcp://pc1:8786, or tls://… and certificates in Dask's settings ({error})",
        ),
    )


def no_scheduler(address: str) -> ExecutorTrouble:
    """The scheduler cannot be reached."""
    return ExecutorTrouble(
        Text(
            f"Không kết nối được bộ điều phối Dask {address}",
            f"The Dask scheduler {address} cannot be reached",
        ),
        Text(
            f"Khởi động lại trên máy đó: `dask scheduler`; không mất gì ({_SEE.vi})",
            f"Start it again on its machine: `dask scheduler`; nothing is lost ({_SEE.en})",
        ),
    )


def no_workers(address: str) -> ExecutorTrouble:
    """There is a scheduler but nobody who works."""
    return ExecutorTrouble(
        Text(
            f"Bộ điều phối Dask {address} chưa có tiến trình đọc nào",
            f"The Dask scheduler {address} has no workers",
        ),
        Text(
            f"Chạy trên từng máy: `dask worker {address} --nthreads SỐ_NHÂN` ({_SEE.vi})",
            f"On each machine: `dask worker {address} --nthreads CORES` ({_SEE.en})",
        ),
    )


def connection_lost() -> Text:
    """Why a task comes back: the scheduler has gone."""
    return Text("Mất kết nối với bộ điều phối Dask", "The Dask scheduler has gone")


def host_lost(address: str) -> Text:
    """Why a task comes back: its Dask worker has gone."""
    return Text(f"Mất tiến trình đọc Dask {address}", f"The Dask worker {address} has gone")


def not_needed(place: str) -> Text:
    """Why a task comes back: Dask has taken it from its worker."""
    return Text(f"{place}: việc ở đó đã bị hủy", f"{place}: the task was cancelled there")


def no_room() -> Text:
    """Why a task comes back at once: the worker it was for has gone meanwhile."""
    return Text("Không còn tiến trình đọc Dask nào rảnh", "No Dask worker is free any more")


def takes_hosts_along(times: int) -> Text:
    """A task has gone away with its Dask worker too often."""
    return Text(
        f"{times} tiến trình đọc Dask bị dừng trong lúc đọc trang này",
        f"{times} Dask workers went away while they had it",
    )


def lacking(place: str, problem: MachineError) -> ExecutorTrouble:
    """A host lacks something."""
    remedy = problem.remedy or Text("Chạy `sohoa doctor` trên máy đó", "Run `sohoa doctor` there")
    detail = f" ({problem.where})" if problem.where else ""
    return ExecutorTrouble(
        Text(f"{place}: {problem.cause.vi}{detail}", f"{place}: {problem.cause.en}{detail}"), remedy
    )


def blind(place: str) -> ExecutorTrouble:
    """A host does not see the scans."""
    return ExecutorTrouble(
        Text(
            f"{place}: máy này không thấy thư mục ảnh quét",
            f"{place}: it does not see the folder of scans",
        ),
        Text(
            "Gắn thư mục dùng chung vào đúng đường dẫn như trên máy chạy `sohoa run`",
            "Mount the shared folder there, at the same path as where `sohoa run` runs",
        ),
    )


def deadly(place: str, cause: Text) -> ExecutorTrouble:
    """Everything dies on a host while others do well."""
    return ExecutorTrouble(
        Text(
            f"{place}: đọc trang nào cũng bị dừng ({cause.vi})",
            f"{place}: page after page dies there ({cause.en})",
        ),
        Text("Kiểm tra bộ nhớ và đĩa của máy đó", "Look at that machine's memory and disk"),
    )


def another(place: str, what: str) -> ExecutorTrouble:
    """A host would read differently."""
    return ExecutorTrouble(
        Text(
            f"{place}: phần mềm khác với máy chạy `sohoa run`: {what}",
            f"{place}: its software differs from that of `sohoa run`: {what}",
        ),
        Text(
            "Cài cùng phiên bản sohoa, mô hình, biểu mẫu, thư viện rồi chạy lại `dask worker` ở đó",
            "Install the same sohoa, model, layouts, libraries; then restart `dask worker` there",
        ),
    )


def not_used(why: ExecutorTrouble, seconds: float | None) -> Text:
    """A host is not used, for a while or (None) until its Dask worker is started again."""
    if seconds is None:
        return Text(
            f"Không dùng máy này nữa: {why.cause.vi} → {why.remedy.vi}",
            f"This machine is not used any more: {why.cause.en} → {why.remedy.en}",
        )
    return Text(
        f"Tạm không dùng máy này {seconds / 60:.0f} phút: {why.cause.vi} → {why.remedy.vi}",
        f"Not using this machine for {seconds / 60:.0f} minutes: {why.cause.en} → {why.remedy.en}",
    )
