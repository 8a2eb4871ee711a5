"""Notice channels of other packages: set in `notify.yaml`, checked before the run."""

from types import SimpleNamespace

import pytest

from ocr_pipeline.errors import UsageError
from ocr_pipeline.plugins import PluginError
from ocr_pipeline.reports.doctor import Health, examine
from ocr_pipeline.reports.notices.delivery import SentNotice, plan_notices, send_notices
from tests.builders.plugin_packages import install, site

__all__ = ["site"]
NOTICES = "sohoa.notices"


@pytest.fixture
def plugged(site):
    install(
        site, "office-plugins", "office_plugins", {NOTICES: {"file": "office_plugins:FileChannel"}}
    )
    return site


def write(folder, text):
    (folder / "notify.yaml").write_text(text, encoding="utf-8")


def test_a_plugged_channel_is_sent_the_report(plugged, tmp_path):
    target = tmp_path / "notice.txt"
    write(tmp_path, f"channels: {{file: {{path: {target}}}}}\n")
    plan = plan_notices(tmp_path, environment={})
    sent = send_notices(plan, SimpleNamespace(), lambda: "<p>", lambda: "Xong / Done")
    assert sent == [SentNotice("file notice.txt", 1)]
    assert target.read_text("utf-8") == "Xong / Done"


def test_a_channel_that_fails_is_an_outcome_and_no_error(plugged, tmp_path):
    write(tmp_path, f"channels: {{file: {{path: {tmp_path / 'none' / 'notice.txt'}}}}}\n")
    plan = plan_notices(tmp_path, environment={})
    [sent] = send_notices(plan, SimpleNamespace(), lambda: "", lambda: "")
    assert "FileNotFoundError" in sent.cause.vi


@pytest.mark.parametrize("text", ["channels: {sms: {}}", "channels: {file: {}}"])
def test_a_slip_in_its_options_is_told_before_the_run(plugged, tmp_path, text):
    write(tmp_path, text)
    with pytest.raises(UsageError) as told:
        plan_notices(tmp_path, environment={})
    assert "notify.yaml: channels." in told.value.where and told.value.remedy


def test_a_broken_channel_is_told_with_its_package(site, tmp_path):
    install(site, "office-plugins", "office_plugins", {NOTICES: {"file": "no_such_module:Channel"}})
    write(tmp_path, "channels: {file: {}}")
    with pytest.raises(PluginError, match="office-plugins 1.0"):
        plan_notices(tmp_path, environment={})


def test_doctor_lists_plug_ins_and_finds_broken_ones(plugged):
    install(plugged, "other", "other", {"sohoa.exporters": {"csv": "no_such_module:Exporter"}})
    found = {finding.name: finding for finding in examine()}
    good, bad = found["sohoa.notices file"], found["sohoa.exporters csv"]
    assert good.health is Health.GOOD and "office-plugins 1.0" in good.seen
    assert bad.health is Health.MISSING and "other 1.0" in bad.seen and bad.remedy
