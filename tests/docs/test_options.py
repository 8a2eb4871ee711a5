"""Every command and option is in the handbook, and the handbook names no others."""

import re
import shlex

import pytest
import typer

from ocr_pipeline.cli.app import app
from tests.builders.markdown import ROOT, handbook, page


def commands(group=None, path=()):
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))


COMMANDS = dict(commands())
EVERYWHERE = {"--help", "--version"}
LANGUAGES = ("vi", "en")
PAGES = [one for language in LANGUAGES for one in handbook(language).values()]
PAGES += [page(ROOT / "README.md"), page(ROOT / "README.vi.md")]


def options_of(command):
    return {
        name
        for option in command.params
        for name in (*option.opts, *option.secondary_opts)
        if name.startswith("-")
    }


KNOWN = EVERYWHERE.union(*(options_of(command) for command in COMMANDS.values()))


def section_of(language, path):
    sections = handbook(language)["command-line.md"].sections(3)
    name = f"`sohoa {' '.join(path)}"
    found = [text for title, text in sections.items() if re.match(rf"{name}( [A-Z…]+)?`$", title)]
    assert len(found) == 1, f"{name}` has {len(found)} sections"
    return found[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_section_of_a_command_lists_its_options_and_no_other(language, path):
    """An item of the list names the options it is about before its colon."""
    items = re.findall(r"^- (`--.*?)(?:: |$)", section_of(language, path), flags=re.M)
    listed = {option for item in items for option in re.findall(r"`(--[a-z-]+)", item)}
    assert listed == {name for name in options_of(COMMANDS[path]) if name.startswith("--")} - {
        "--help"
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_command_is_described_that_does_not_exist(language):
    titles = handbook(language)["command-line.md"].sections(3)
    for title in titles:
        words = re.match(r"`sohoa ([a-z ]+?)( [A-Z…]+)?`$", title)
        assert words, title
        assert tuple(words[1].split()) in COMMANDS, title


def lines_of_code(one):
    for _, text in one.fences:
        yield from text.replace("\\\n", " ").splitlines()
    yield from one.code


@pytest.mark.parametrize("one", PAGES, ids=lambda p: str(p.path.relative_to(ROOT)))
def test_commands_that_are_shown_can_be_called(one):
    for line in lines_of_code(one):
        found = re.search(r"(?:^|[\s|/=])sohoa ((?:[a-z]+)(?: .*)?)$", line)
        if not found or "…" in found[1].split(" ")[0]:
            continue
        words = shlex.split(re.split(r" (?:>|>>|2>|\|) ?| +#", found[1])[0])
        path, command = (), None
        while words and (*path, words[0]) in COMMANDS:
            path = (*path, words.pop(0))
            command = COMMANDS[path]
        assert command is not None, line
        shown = {word.partition("=")[0] for word in words if word.startswith("-")}
        assert shown <= options_of(command) | EVERYWHERE, line


@pytest.mark.parametrize("one", PAGES, ids=lambda p: str(p.path.relative_to(ROOT)))
def test_options_in_sentences_exist(one):
    """An option stands in a sentence only when a command here has it, or a code block shows it."""
    foreign = " ".join(
        line for line in "\n".join(t for _, t in one.fences).splitlines() if "sohoa " not in line
    )
    for code in one.code:
        if code.startswith("--"):
            option = re.match(r"--[a-z-]+", code)[0]
            assert option in KNOWN or option in foreign, code
