"""The usual value of an option stands in one place: changed there, it changes everywhere."""

import json
import subprocess
import sys

EVERYWHERE = """
import dataclasses, inspect, json
import ocr_pipeline.usual_options as options

other = {"model": "starter", "page_seconds": 7.0, "page_mb": 11, "nice": 13, "generation": "158",
         "keep_free_mb": 17000.0, "patience_seconds": 19.0, "number_padding": 23}
options.USUAL = options.UsualOptions(**other)

import typer.main
from ocr_pipeline.batch.cluster.executor import ClusterExecutor
from ocr_pipeline.batch.run import RunConditions
from ocr_pipeline.batch.watch import ResourceThresholds
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.cli.app import app
from ocr_pipeline.export.book_exports import ExportChoices
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.reading.models import load_model
from ocr_pipeline.registers.templates import GENERATIONS, load_template

found = {}
OPTIONS = {"model", "page_seconds", "page_mb", "nice", "keep_free_gb", "generation",
           "number_padding"}

def walk(command, path):
    for name, one in getattr(command, "commands", {}).items():
        walk(one, f"{path} {name}")
    for option in command.params:
        if option.name in OPTIONS and "train" not in path:
            found[f"{path} --{option.name}"] = option.default

walk(typer.main.get_command(app), "sohoa")
for one, names in (
    (RunSettings(), ("model", "page_seconds")), (RunConditions(), ("memory_mb", "nice")),
    (TaskLimits(), ("seconds", "memory_mb", "nice")),
    (ResourceThresholds(), ("disk_mb", "patience")),
    (NamingRule(), ("number_padding",)), (ExportChoices("out"), ("generation",)),
):
    found |= {f"{type(one).__name__}.{name}": getattr(one, name) for name in names}
for one, name in (
    (load_model, "name"), (load_template, "generation"), (ClusterExecutor, "patience"),
):
    found[f"{one.__name__} {name}"] = inspect.signature(one).parameters[name].default
found["GENERATIONS"] = GENERATIONS[0]
print(json.dumps([found, other]))
"""


def test_every_default_follows_the_one_place_where_it_stands():
    done = subprocess.run([sys.executable, "-c", EVERYWHERE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found, other = json.loads(done.stdout)
    wanted = {
        "model": "model", "name": "model",
        "page_seconds": "page_seconds", "seconds": "page_seconds",
        "page_mb": "page_mb", "memory_mb": "page_mb", "nice": "nice", "disk_mb": "keep_free_mb",
        "patience": "patience_seconds", "generation": "generation", "GENERATIONS": "generation",
        "number_padding": "number_padding",
    }  # fmt: skip
    for place, value in found.items():
        name = place.replace("--", "").replace(".", " ").split()[-1]
        expected = 17.0 if name == "keep_free_gb" else other[wanted[name]]
        assert value == expected, place
    assert sum("--model" in place for place in found) >= 5 and len(found) > 20
