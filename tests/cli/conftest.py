import pytest

from ocr_pipeline.cli.app import run_program


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def sohoa(capsys):
    """Call the program as a user does, in this process."""

    def call(*arguments):
        code = run_program([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Result(code, said.out, said.err)

    return call
