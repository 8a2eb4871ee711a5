"""What people said in Label Studio into the review store: once, under their names, over nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.data_files import shortened
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.exchange.labelstudio.job import find_project, job_of
from ocr_pipeline.exchange.labelstudio.server import Server
from ocr_pipeline.exchange.labelstudio.tasks import Annotation, annotation_in
from ocr_pipeline.foreign_files import foreign_file
from ocr_pipeline.json_types import Json
from ocr_pipeline.review.accounts import User, list_users
from ocr_pipeline.review.field_decisions import Decision, decide
from ocr_pipeline.review.rights import may
from ocr_pipeline.store.audit import append
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.models import FieldRow, RecordRow
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.states import Lane
from ocr_pipeline.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Refusal:
    """A correction that was not taken over: nothing is ever written over another.

    Attributes:
        place: book, page, position and code of the field.
        person: e-mail of the annotator.
        value: what was said; "" for blank and unreadable.
        reason: why it was not taken over.
        standing: what the field holds instead; "" when that is not the point.
        standing_by: who said so; "" for the machine.

    """

    place: str
    person: str
    value: str
    reason: Text
    standing: str = ""
    standing_by: str = ""


@dataclass(slots=True)
class PullResult:
    """What a pull did.

    Attributes:
        kept: corrections taken over now.
        known: corrections taken over before.
        refused: corrections that were not, and why.

    """

    kept: int = 0
    known: int = 0
    refused: list[Refusal] = field(default_factory=list)


_UNLIKE = Text(
    "Trong Label Studio, hai người ghi hai giá trị khác nhau cho trường này",
    "In Label Studio two people gave different values for this field",
)
_NOBODY = Text(
    "Người này chưa có tài khoản rà soát trong sohoa; thêm --account {email}=TÊN",
    "This person has no account in sohoa that may review; add --account {email}=NAME",
)
_SENSELESS = Text(
    "Không hiểu được câu trả lời của Label Studio về việc này",
    "What Label Studio says of this task cannot be made out",
)
_GONE = Text("Trường này không còn nữa", "This field is not there any more")


def pull(ws: Workspace, server: Server, *, accounts: Mapping[str, str] | None = None) -> PullResult:
    """Take over what people said; done twice it changes nothing.

    A correction goes through the same door as one made in the review station, as its annotator and
    with its own time: whoever has no account may not, and what has changed since is not written
    over.

    Args:
        ws: the workspace.
        server: where from.
        accounts: sohoa account by e-mail; others are found under their e-mail or its first part.

    Raises:
        LabelStudioError: the server refuses.

    """
    job, pulled = job_of(ws.folder), PullResult()
    project = find_project(server, job)
    if project is None:
        return pulled
    people = _People(ws, accounts or {})
    for versions in _annotations(server, project, job, pulled.refused):
        first = versions[0]
        if len({said.content for said in versions}) > 1:
            for said in versions:
                pulled.refused.append(_refusal(ws, said, _UNLIKE))
        elif (user := people.find(first.person)) is None:
            pulled.refused.append(_refusal(ws, first, _NOBODY.format(email=first.person)))
        else:
            _take_over(ws, user, first, pulled)
    _write_audit_line(ws, project, pulled)
    return pulled


def pending(ws: Workspace, server: Server) -> int:
    """How many corrections in the job's project have not been taken over."""
    job = job_of(ws.folder)
    project = find_project(server, job)
    if project is None:
        return 0
    count = 0
    with ws.read_session() as session:
        for versions in _annotations(server, project, job, []):
            count += not any(
                decision.note == said.mark
                for said in versions
                for decision in _before(session, said)
            )
    return count


def _annotations(
    server: Server, project: int, job: str, refused: list[Refusal]
) -> Iterator[list[Annotation]]:
    """What was said about each field, oldest first; fields nobody said anything of are left out.

    Args:
        server: where from.
        project: its number there.
        job: identity of the workspace.
        refused: gets the tasks that nothing can be made of.

    """
    emails = server.people()
    for task in server.tasks(project):
        try:
            with foreign_file(lambda: BadInputError(_SENSELESS)):
                found = _said_in(task, job, emails)
        except BadInputError as error:
            number = task.get("id") if isinstance(task, Mapping) else None
            refused.append(Refusal(f"task {shortened(str(number))}", "", "", error.cause))
            continue
        if found:
            yield found


def _said_in(task: Json, job: str, emails: Mapping[int, str]) -> list[Annotation]:
    if task["data"].get("job") != job:
        return []
    said = [
        annotation_in(task["data"], annotation, emails.get(_author(annotation), ""))
        for annotation in task.get("annotations") or ()
    ]
    return sorted((one for one in said if one is not None), key=lambda one: one.time)


def _author(annotation: Mapping[str, object]) -> int:
    author = annotation.get("completed_by")
    if isinstance(author, Mapping):
        author = author.get("id")
    return int(author) if isinstance(author, int) else 0


class _People:
    """Annotators as people of the review station."""

    def __init__(self, ws: Workspace, accounts: Mapping[str, str]) -> None:
        self._users = {user.name: user for user in list_users(ws)}
        self._accounts = {email.lower(): name.lower() for email, name in accounts.items()}

    def find(self, email: str) -> User | None:
        """The person with this address, if he may review."""
        given = self._accounts.get(email)
        names = [given] if given else [email, email.partition("@")[0]]
        user = next((self._users[name] for name in names if name in self._users), None)
        return user if user is not None and may(user, "review") else None


def _take_over(ws: Workspace, user: User, said: Annotation, pulled: PullResult) -> None:
    with ws.read_session() as session:
        row = session.get(FieldRow, said.field)
        before = _before(session, said)
        current = row.entry if row is not None else None
    if row is None:
        pulled.refused.append(_refusal(ws, said, _GONE))
        return
    if any(decision.note == said.mark for decision in before):
        pulled.known += 1
        return
    # Who changes his annotation later answers what became of it, as long as nobody else has.
    base = next((d.entry for d in before if d.entry is not None and d.entry == current), said.base)
    [outcome] = decide(
        ws,
        user,
        [
            Decision(
                field=said.field,
                action=said.action,
                value=said.value,
                base=base,
                lane=Lane.DOUBT,
                seconds=said.seconds,
                note=said.mark,
            )
        ],
        said.time,
    )
    if outcome.ok:
        pulled.kept += 1
        return
    theirs = outcome.conflict
    pulled.refused.append(
        _refusal(
            ws,
            said,
            outcome.message or _GONE,
            theirs.value if theirs else "",
            theirs.user if theirs else "",
        )
    )


def _before(session: Session, said: Annotation) -> list[DecisionRow]:
    """Decisions that came from earlier versions of the annotation, newest first."""
    query = select(DecisionRow).where(
        DecisionRow.field == said.field, DecisionRow.note.startswith(f"{said.stem}@")
    )
    return list(session.scalars(query.order_by(DecisionRow.id.desc())))


def _refusal(
    ws: Workspace, said: Annotation, reason: Text, standing: str = "", standing_by: str = ""
) -> Refusal:
    with ws.read_session() as session:
        row = session.get(FieldRow, said.field)
        record = session.get(RecordRow, row.record) if row is not None else None
        place = f"#{said.field}"
        if row is not None and record is not None:
            place = f"{row.book} {record.page} ({record.position}) {row.code}"
    return Refusal(place, said.person, said.value, reason, standing, standing_by)


def _write_audit_line(ws: Workspace, project: int, pulled: PullResult) -> None:
    if not pulled.kept and not pulled.refused:
        return
    details = {"project": project, "kept": pulled.kept, "refused": len(pulled.refused)}
    with ws.transaction() as session:
        append(session, "system", AuditAction.LABEL_STUDIO_PULL, details=details)
