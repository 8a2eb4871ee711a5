"""Reading on several machines with Dask (docs/en/cluster.md).

`executor` is what the run talks to; `link` keeps the connection to the scheduler, in a thread,
with `hosts` for its books; `inside` is what happens within a Dask worker: a slot for each of its
threads; `identity` tells whether two machines would read the same.
"""

from ocr_pipeline.batch.cluster.executor import ClusterExecutor

__all__ = ["ClusterExecutor"]
