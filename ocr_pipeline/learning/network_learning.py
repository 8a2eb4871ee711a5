"""A network of the office learns: gather, divide the books, teach, compare, put into use if better.

Everything is read and written where the workspace and its networks lie; nothing is sent anywhere.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ocr_pipeline.errors import BadInputError, MachineError, Text
from ocr_pipeline.learning.book_division import divide_books
from ocr_pipeline.learning.comparison import NetworkComparison, compare
from ocr_pipeline.learning.corrections import BookCorrections, gather, require_consent
from ocr_pipeline.learning.learning_rules_schema import LearningRulesFile, learning_rules
from ocr_pipeline.learning.network_card import network_card
from ocr_pipeline.learning.widened_confidence import WidenedConfidence
from ocr_pipeline.private_files import make_private_folder
from ocr_pipeline.processing.confirmed_writing import KnownLine, KnownWriting, known_writing
from ocr_pipeline.processing.learning_record_schema import (
    BookSides,
    LearningRecordFile,
    load_learning_record,
)
from ocr_pipeline.processing.office_networks import OfficeNetworks, clear, model_in
from ocr_pipeline.processing.settings import RunSettings, combined_hash
from ocr_pipeline.reading.confidence import calibration_files
from ocr_pipeline.reading.models import load_model
from ocr_pipeline.reading.network_file import LEARNING_RECORD, load_network_file
from ocr_pipeline.resources import shipped
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.files import file_errors_explained, write_text
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.usual_options import USUAL

_INPUTS = "inputs.txt"
_MADE = "network"


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one network is made from.

    Attributes:
        base: folder of the shipped network that it begins from.
        lines: lines that teach, in the order of the books.
        work: folder for what is not finished.
        made: folder of the model, written at the end.
        version: of the model.
        seed: of all chance.
        seconds: after which it is left, to be gone on with.
        told: called with the step and the number of steps.

    """

    base: Path
    lines: Sequence[KnownLine] = field(repr=False)
    work: Path
    made: Path
    version: str
    seed: int
    seconds: float
    told: Callable[[int, int], None] = lambda step, steps: None


def teach(lesson: Lesson) -> bool:
    """Teach the shipped network with PyTorch; goes on where it was left.

    Returns:
        Whether it has come to its end, and `made` is there.

    Raises:
        ModuleNotFoundError: PyTorch is missing.

    """
    from ocr_pipeline.training import fine_tuning as tuning

    settings = tuning.fine_tuning_settings()
    start = lesson.base / settings.start
    lines = [tuning.TaughtLine(line.image, line.text) for line in lesson.lines]
    done = tuning.fine_tune(
        start, lines, lesson.work, settings,
        seed=lesson.seed, seconds=lesson.seconds, told=lesson.told,
    )  # fmt: skip
    if done:
        name = load_network_file(lesson.base).name
        tuning.write_network(
            lesson.work, lines, lesson.made, settings, name=name, version=lesson.version
        )
    return done


@dataclass(frozen=True, slots=True)
class LearningParts:
    """What a learning works with; tests put fakes here."""

    writing: Callable[[Workspace, str, RunSettings], KnownWriting] = known_writing
    teach: Callable[[Lesson], bool] = teach
    compare: Callable[..., NetworkComparison] = compare


@dataclass(frozen=True, slots=True)
class LearningWishes:
    """What is asked for.

    Attributes:
        command: as it was typed, for the record.
        account: who asks, for the audit trail.
        seed: of all chance; that of the rules when None.
        minutes: after which it is left; those of the rules when None.
        promote: put the new network into use if it is better.

    """

    command: str
    account: dict[str, str] = field(default_factory=dict)
    seed: int | None = None
    minutes: float | None = None
    promote: bool = True


@dataclass(frozen=True, slots=True)
class LearningSummary:
    """What came of it.

    Attributes:
        network: name of the new network; "" when the time was over before its end.
        record: how it was made and reads; None likewise.
        promoted: it is in use now.

    """

    network: str = ""
    record: LearningRecordFile | None = None
    promoted: bool = False


def plan_learning(
    ws: Workspace, rules: LearningRulesFile | None = None, others: Sequence[Workspace] = ()
) -> tuple[list[BookCorrections], BookSides]:
    """What would be used: books with corrections, and on which side each stands.

    Args:
        ws: the workspace whose networks learn.
        rules: the shipped ones when None.
        others: further workspaces of the same office.

    Raises:
        UsageError: nobody has allowed to learn from one of these workspaces.
        BadInputError: there are too few corrections.

    """
    rules = rules or learning_rules()
    books = gather([ws, *others], _reads_with(ws), rules.most_fields_of_a_book)
    networks = OfficeNetworks.of(ws.folder).networks()
    earlier = [load_learning_record(one.folder).books for one in networks]
    sides = divide_books([one.book for one in books], earlier, rules.held_back)
    held = sum(one.fields for one in books if one.book in sides.held_back)
    _require(
        len({one.book for one in books}),
        rules.least.books,
        Text("sổ có trường đã sửa", "books with corrections"),
    )
    _require(
        held, rules.least.held_back_fields,
        Text("trường đã sửa trong các sổ để riêng", "corrected fields in books held back"),
    )  # fmt: skip
    return books, sides


def learn_network(
    ws: Workspace,
    wishes: LearningWishes,
    *,
    rules: LearningRulesFile | None = None,
    told: Callable[[int, int], None] = lambda step, steps: None,
    others: Sequence[Workspace] = (),
    parts: LearningParts = LearningParts(),  # noqa: B008 (frozen)
    now: datetime | None = None,
) -> LearningSummary:
    """Make a network from the corrections of an office, and put it into use if it is better.

    May be killed at any moment: the network before stays in use, and the same command goes on.

    Args:
        ws: the workspace whose networks learn.
        wishes: what is asked for.
        rules: the shipped ones when None.
        told: called with the step of the training and the number of steps.
        others: further workspaces of the same office.
        parts: what it works with.
        now: the time; the clock when None.

    Raises:
        UsageError: nobody has allowed to learn from one of these workspaces.
        BadInputError: there are too few corrections.
        MachineError: another command learns, PyTorch is missing, the folder cannot be written to.

    """
    rules = rules or learning_rules()
    books, sides = plan_learning(ws, rules, others)
    teach = [one for one in books if one.book in sides.learnt]
    held = [one for one in books if one.book in sides.held_back]
    networks = OfficeNetworks.of(ws.folder)
    base = shipped("models") / networks.base
    before = _reads_with(ws)
    with networks.at_work() as work, file_errors_explained(networks.folder):
        lines = _lines(teach, parts)
        _require(len(lines), rules.least.lines, Text("dòng chữ dạy được", "lines that teach"))
        seed = rules.seed if wishes.seed is None else wishes.seed
        name = networks.next_name(load_network_file(base).version)
        minutes = rules.minutes if wishes.minutes is None else wishes.minutes
        made = work / _MADE
        lesson = Lesson(base, lines, work, made, name, seed, 60 * minutes, told)
        _begin(lesson)
        if not parts.teach(lesson):
            return LearningSummary()
        for file in calibration_files(base):
            shutil.copyfile(file, made / file.name)
        names = before, str(made)
        models = load_model(before), load_model(str(made))
        found = parts.compare(held, _lines(held, parts), models, names)
        _widen(made, found.widening)
        kinds: Counter[str] = Counter()
        for one in teach:
            kinds.update(one.kinds)
        record = LearningRecordFile(
            base=load_network_file(base).title, base_fingerprint=load_model(str(base)).fingerprint,
            beside=networks.in_use, made=(now or datetime.now(UTC)).isoformat(timespec="seconds"),
            command=wishes.command, seed=seed, lines=len(lines), kinds=dict(sorted(kinds.items())),
            books=sides, calibration="widened", calibrated_on=found.widening.seen,
            before=found.before, after=found.after,
            unseen=found.unseen, unseen_changed=found.unseen_changed,
            faults=found.faults(rules.promotion),
        )  # fmt: skip
        _describe(made, name, record)
        for one_of_them in (ws, *others):
            require_consent(one_of_them)  # it may have been withdrawn meanwhile
        networks.add(made, name)
        clear(work)
    told_of = {"lines": len(lines), "better": record.better, **wishes.account}
    for one_of_them in (ws, *others):
        _note(one_of_them, AuditAction.NETWORK_LEARNT, name, told_of)
    if not (record.better and wishes.promote):
        return LearningSummary(name, record)
    networks.promote(name)
    _note(ws, AuditAction.NETWORK_PROMOTED, name, wishes.account)
    return LearningSummary(name, record, promoted=True)


def _reads_with(ws: Workspace) -> str:
    """Name or folder of the network that the office has in use."""
    return model_in(ws.folder, USUAL.model)


def _lines(books: Sequence[BookCorrections], parts: LearningParts) -> list[KnownLine]:
    return [line for one in books for line in parts.writing(one.ws, one.book, one.settings).lines]


def _begin(lesson: Lesson) -> None:
    """Keep what an earlier call left if it was made from the same; delete it otherwise."""
    digest = hashlib.sha256()
    for line in lesson.lines:
        digest.update(repr(line.image.shape).encode() + line.image.tobytes() + line.text.encode())
    weights = (lesson.base / "SHA256SUMS").read_text("utf-8")
    inputs = combined_hash(weights, digest.hexdigest(), str(lesson.seed))
    kept = lesson.work / _INPUTS
    if not kept.is_file() or kept.read_text("utf-8") != inputs:
        clear(lesson.work)
        make_private_folder(lesson.work)
        write_text(kept, inputs)
    shutil.rmtree(lesson.made, ignore_errors=True)


def _widen(made: Path, widening: WidenedConfidence) -> None:
    """Have the confidences taken over say what is believed of them."""
    for path in calibration_files(made):
        data = json.loads(path.read_text("utf-8"))
        data["tail"] = list(widening.tail(*data["tail"]))
        data["sources"] = f"{data['sources']}; widened, {widening.seen} fields of the office seen"
        path.write_text(json.dumps(data, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


def _describe(made: Path, name: str, record: LearningRecordFile) -> None:
    """Put record, card and checksums beside a network."""
    (made / LEARNING_RECORD).write_text(record.model_dump_json(indent=1) + "\n", "utf-8")
    (made / "card.md").write_text(network_card(name, record), "utf-8")
    files = sorted(path for path in made.iterdir() if path.name != "SHA256SUMS")
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (made / "SHA256SUMS").write_text("".join(sums), "utf-8")


def _require(found: int, needed: int, of_what: Text) -> None:
    if found < needed:
        raise BadInputError(
            Text(
                f"Chưa đủ để học: {found} {of_what.vi}, cần ít nhất {needed}",
                f"Too little to learn from: {found} {of_what.en}, at least {needed} are needed",
            ),
            remedy=Text(
                "Rà soát thêm rồi chạy lại lệnh này; mạng đang dùng vẫn giữ nguyên",
                "Review more, then run this command again; the network in use stays",
            ),
        )


def _note(ws: Workspace, action: AuditAction, network: str, details: Mapping[str, object]) -> None:
    with ws.transaction() as session:
        audit.append(session, audit.SYSTEM, action, subject=network, details=details)


def require_training_extra() -> None:
    """Make sure that the libraries of training are there, before anything is gathered.

    Raises:
        MachineError: one is missing.

    """
    try:
        import ocr_pipeline.training.fine_tuning  # noqa: F401
    except ModuleNotFoundError as error:
        raise MachineError(
            Text(f"Thiếu thư viện huấn luyện: {error.name}", f"Training needs {error.name}"),
            remedy=Text("Cài đặt: pip install sohoa[train]", "Run: pip install sohoa[train]"),
        ) from error
