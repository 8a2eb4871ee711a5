"""The field screen in a real browser: keys, typing, input methods, undo, nothing lost."""

from __future__ import annotations

from ocr_pipeline.registers.fields import State


def test_a_queue_is_cleared_by_keyboard_alone(seat, book):
    lan = seat("lan")
    lan.open(f"/review?kind=person_name&book={book}")
    seen = 0
    while item := lan.shown():
        seen += 1
        assert item["value"]
        lan.decide(lambda: lan.press("Enter"))
    lan.saved()
    assert seen == 6  # a child and a signer on each of three pages
    records = lan.station.fields(book)
    assert {r[code].state for r in records for code in ("nksHoTen", "nguoiKy")} == {State.CONFIRMED}


def test_each_action_has_one_key(seat, book):
    lan = seat("lan")
    lan.open(f"/review?kind=person_name&book={book}")
    done = {}
    for action, keys in {
        "confirm": ["Enter"],
        "second reading": ["2"],
        "blank": ["F4"],
        "unreadable": ["F8"],
    }.items():
        item = lan.shown()
        done[action] = int(item["field"])
        lan.decide(lambda keys=keys: lan.press(*keys))
    lan.saved()
    states = {action: lan.api("GET", f"/api/fields/{field}") for action, field in done.items()}
    assert {action: own["state"] for action, own in states.items()} == {
        "confirm": "confirmed",
        "second reading": "corrected",
        "blank": "blank",
        "unreadable": "unreadable",
    }
    assert states["second reading"]["value"].endswith("h")


def test_ones_own_keys_are_chosen_once_and_count_on_every_screen(seat, book):
    lan = seat("lan")
    lan.open("/account")
    said = lan.page.locator("#own-keys-said.error")
    lan.page.select_option("#key-blank", "F8")
    lan.page.click("#own-keys .primary")
    said.wait_for()
    assert "F8" in said.inner_text()
    assert "ô trống trên giấy" in said.inner_text() and "không ai đọc được" in said.inner_text()
    lan.page.select_option("#key-unreadable", "Alt+u")
    lan.page.select_option("#key-find", "F4")
    lan.page.click("#own-keys .primary")
    lan.page.locator("#own-keys-said.ok").wait_for()

    lan.open(f"/review?kind=person_name&book={book}")
    done = {}
    for state, key in {"blank": "F8", "unreadable": "Alt+u"}.items():
        done[state] = int(lan.shown()["field"])
        label = lan.page.inner_text(f"#actions [data-action={state}] kbd")
        assert label.casefold() == key.casefold()
        lan.decide(lambda key=key: lan.press(key))
    lan.saved()
    lan.press("F4")
    assert lan.page.evaluate("() => document.activeElement.id") == "find-text"
    assert lan.page.get_attribute("#find-text", "placeholder").endswith("(F4)")
    item = lan.api("GET", f"/api/fields/{done['blank']}")
    lan.open(f"/record/{item['record']}?field={done['blank']}")
    lan.row_seen()
    lan.press("Alt+u")
    lan.saved()
    states = {
        state: lan.api("GET", f"/api/fields/{field}")["state"] for state, field in done.items()
    }
    assert states == {"blank": "unreadable", "unreadable": "unreadable"}

    lan.open("/account")
    assert lan.page.input_value("#key-blank") == "F8"
    lan.page.click("#usual-keys")
    assert lan.page.input_value("#key-blank") == "F4"


def test_dates_are_typed_in_short_and_shown_as_they_will_be(seat, book):
    lan = seat("lan")
    lan.open(f"/review?kind=date&book={book}")
    for typed, meant in (("12052015", "12.05.2015"), ("1/2/16", "01.02.2016"), ("2016", "2016")):
        item = lan.shown()
        lan.type(typed)
        lan.until(
            "(value) => document.querySelector('#becomes').textContent.includes(value)"
            " || document.querySelector('#value').value === value",
            meant,
        )
        lan.decide(lambda: lan.press("Enter"))
        lan.saved()
        assert lan.api("GET", f"/api/fields/{item['field']}")["value"] == meant


def test_completion_finds_names_without_accents_and_never_touches_what_is_typed(seat, book):
    lan = seat("lan")
    lan.open(f"/review?kind=person_name&book={book}")
    item = lan.shown()
    lan.type("nguyen")
    lan.until("() => !document.querySelector('#suggestions').hidden")
    assert lan.page.input_value("#value") == "nguyen"
    lan.press("Tab")
    assert lan.page.input_value("#value").startswith("Nguyễn")
    lan.type(" Thi Hoa")
    lan.press("Escape")
    typed = lan.page.input_value("#value")
    assert typed.startswith("Nguyễn") and typed.endswith("Thi Hoa")
    lan.decide(lambda: lan.press("Enter"))
    lan.saved()
    kept = lan.api("GET", f"/api/fields/{item['field']}")
    assert (kept["value"], kept["state"]) == (typed, "corrected")


def test_a_suggestion_is_taken_and_saved_with_one_key(seat, book):
    lan = seat("lan")
    lan.open(f"/review?kind=person_name&book={book}")
    item = lan.shown()
    lan.type("nguyen")
    lan.until("() => document.querySelector('#value').ariaExpanded === 'true'")
    lan.until("() => document.querySelector('.unseen[role=status]').textContent.includes('gợi ý')")
    lan.press("ArrowDown")
    assert (
        lan.page.evaluate(
            "() => document.getElementById(document.querySelector('#value')"
            ".getAttribute('aria-activedescendant')).ariaSelected"
        )
        == "true"
    )
    first = lan.page.inner_text("#suggestions .option:first-child")
    lan.page.evaluate("() => new Promise((r) => requestAnimationFrame(() => setTimeout(r, 100)))")
    lan.decide(lambda: lan.press("Control+Enter"))
    lan.saved()
    kept = lan.api("GET", f"/api/fields/{item['field']}")
    assert (kept["value"], kept["state"]) == (first, "corrected")


def test_the_arrow_takes_a_suggestion_and_saves_nothing(seat, book):
    lan = seat("lan")
    lan.open(f"/review?kind=person_name&book={book}")
    item = lan.shown()
    lan.type("nguyen")
    lan.until("() => !document.querySelector('#suggestions').hidden")
    lan.press("ArrowRight")
    assert lan.page.input_value("#value").startswith("Nguyễn")
    assert lan.api("GET", f"/api/fields/{item['field']}")["state"] == "in_review"
    lan.press("Control+z")
    assert lan.page.input_value("#value") == "nguyen"


def test_an_input_method_is_left_alone(seat, book):
    """Enter and digits belong to the composition until it has ended (Unikey, IBus)."""
    lan = seat("lan")
    lan.open(f"/review?kind=person_name&book={book}")
    item = lan.shown()
    session = lan.page.context.new_cdp_session(lan.page)
    for text in ("L", "Le", "Lê"):
        session.send(
            "Input.imeSetComposition",
            {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
        )
    assert lan.page.input_value("#value") == "Lê"
    for key, code in (("Enter", "Enter"), ("2", "Digit2")):
        lan.page.evaluate(
            "([key, code]) => document.querySelector('#value').dispatchEvent(new KeyboardEvent("
            "'keydown', {key, code, keyCode: 229, isComposing: true, bubbles: true}))",
            [key, code],
        )
    assert lan.shown()["field"] == item["field"]
    session.send("Input.insertText", {"text": "Lê"})
    lan.type(" Na")
    assert lan.page.input_value("#value") == "Lê Na"
    lan.decide(lambda: lan.press("Enter"))
    lan.saved()
    assert lan.api("GET", f"/api/fields/{item['field']}")["value"] == "Lê Na"


def test_undo_brings_the_field_back_with_what_was_typed(seat, book):
    lan = seat("lan")
    lan.open(f"/review?kind=person_name&book={book}")
    item = lan.shown()
    lan.type("Nguyễn Văn Nhầm")
    lan.decide(lambda: lan.press("Enter"))
    lan.saved()
    lan.shown()
    lan.type("Lê")
    lan.press("Control+z")  # the word, not the decision before it
    assert lan.page.input_value("#value") == lan.shown()["value"] != "Nguyễn Văn Nhầm"
    lan.until("() => document.querySelector('#hint').textContent.includes('Ctrl+Z')")
    lan.decide(lambda: lan.press("Control+z"))
    assert lan.shown()["field"] == item["field"]
    assert lan.page.input_value("#value") == "Nguyễn Văn Nhầm"
    lan.press("Escape", "Escape")
    assert lan.page.input_value("#value") == item["value"]
    lan.decide(lambda: lan.press("Enter"))
    lan.saved()
    kept = lan.api("GET", f"/api/fields/{item['field']}")
    assert (kept["value"], kept["state"]) == (item["value"], "confirmed")


def test_fields_put_off_come_again_at_the_end(seat, book):
    lan = seat("lan")
    lan.open(f"/review?kind=sex&book={book}")
    first = lan.shown()
    lan.decide(lambda: lan.press("F10"))
    others = []
    while item := lan.shown():
        others.append(item["field"])
        lan.decide(lambda: lan.press("1"))
    assert first["field"] not in others and len(others) == 2
    lan.press("Enter")  # “show those set aside” has the focus
    lan.until(
        "(field) => document.querySelector('#screen').dataset.field === field", first["field"]
    )


def test_the_whole_page_help_and_zoom_are_on_keys(seat, book):
    lan = seat("lan")
    lan.open(f"/review?kind=person_name&book={book}")
    lan.shown()
    lan.press("F2")
    lan.until(
        "() => document.body?.classList.contains('whole-page')"
        " && document.querySelector('#context .box')"
    )
    lan.press("F2")
    before = lan.page.evaluate("() => document.querySelector('#crop .stage').style.transform")
    lan.press("Alt+=")
    assert (
        lan.page.evaluate("() => document.querySelector('#crop .stage').style.transform") != before
    )
    lan.press("?")
    lan.until("() => document.querySelector('dialog.help[open]')")
    lan.press("Escape")
    assert lan.page.evaluate("() => document.activeElement.id") == "value"


def test_everything_fits_on_a_screen_of_1366_by_768(seat, book):
    lan = seat("lan")
    for path in (f"/review?book={book}", f"/group?book={book}"):
        lan.open(path)
        lan.page.wait_for_timeout(300)
        size = lan.page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        assert size == [1366, 768]
