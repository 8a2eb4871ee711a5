import pytest

from ocr_pipeline.bench.scaling import Scaling, hours


def test_without_loss_cores_share_the_work_evenly():
    ideal = Scaling(pages_per_second=1.0)
    assert hours(36_000, ideal, 1) == pytest.approx(10)
    assert hours(36_000, ideal, 4) == pytest.approx(2.5)
    assert hours(36_000, ideal, 4, records_per_page=2) == pytest.approx(1.25)


def test_what_two_workers_lose_grows_with_the_number_of_workers():
    lossy = Scaling(1.0, efficiency=0.8, workers=2)
    assert hours(36_000, lossy, 2) == pytest.approx(10 / (2 * 0.8))
    spent = [hours(36_000, lossy, at) for at in (1, 2, 4, 16, 64)]
    assert spent == sorted(spent, reverse=True)
    assert spent[-1] > 10 / 64 / 0.8
    assert hours(36_000, Scaling(1.0, efficiency=1.1), 4) == pytest.approx(2.5)


def test_nothing_is_faster_than_the_supervisor():
    watched = Scaling(1.0, supervisor_seconds=0.1)
    assert hours(36_000, watched, 4) == pytest.approx(2.5)
    assert hours(36_000, watched, 64) == pytest.approx(1.0)


@pytest.mark.parametrize("wrong", [Scaling(0.0), Scaling(1.0, efficiency=0.0)])
def test_figures_that_make_no_sense_are_told(wrong):
    with pytest.raises(ValueError, match="positive"):
        hours(1, wrong, 1)
