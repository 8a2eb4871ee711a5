"""docs/notebook.md runs, prints what it shows, and needs no database."""

import os
import re
import subprocess
import sys

import pytest

from tests.builders.markdown import ROOT

BLOCKS = re.compile(r"```python\n(.*?)```\n+```text\n(.*?)```", re.S)
END = "print('-- end of block')\n"


@pytest.mark.long
def test_every_block_prints_what_is_shown_below_it():
    text = (ROOT / "docs" / "notebook.md").read_text("utf-8")
    blocks = BLOCKS.findall(text)
    assert len(blocks) == text.count("```python") > 0
    program = "".join(code + END for code, _ in blocks)
    program += "import sys\nassert 'sqlalchemy' not in sys.modules, 'SQL was imported'\n"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = done.stdout.split("-- end of block\n")
    assert printed[:-1] == [shown for _, shown in blocks]
