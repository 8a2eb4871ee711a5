from ocr_pipeline.errors import ExitCode


def test_without_books_it_is_told_what_to_measure_on(sohoa, tmp_path):
    done = sohoa("bench", "learn")
    assert done.code == ExitCode.BAD_INPUT and "--data" in done.err
    done = sohoa("bench", "learn", tmp_path)
    assert done.code == ExitCode.BAD_INPUT and "truth.json" in done.err
