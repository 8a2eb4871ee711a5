"""Read the fields of a page: one batch over its lines, decoded by kind, with confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ocr_pipeline.arrays import Gray
from ocr_pipeline.layout.field_crops import FieldCrop, RecordCrops
from ocr_pipeline.reading.beam import BeamLimits
from ocr_pipeline.reading.confidence import FEATURES, SURE, UNCALIBRATED_CAP
from ocr_pipeline.reading.decoding import LINE, LineScores, Pool, decode, search, settle
from ocr_pipeline.reading.features import (
    features,
    second_features,
    with_means_of,
    with_page_means,
    with_second_page_means,
)
from ocr_pipeline.reading.field_lines import FieldScores, WrittenField, scored, written_fields
from ocr_pipeline.reading.field_observation import FieldObservation
from ocr_pipeline.reading.line_images import PREPARATION
from ocr_pipeline.reading.models import Model, SecondModel, load_model
from ocr_pipeline.reading.record_ties import RecordField, weigh_together
from ocr_pipeline.reading.second_reading import ReadingPair, SecondReading, weigh_both
from ocr_pipeline.registers.ditto_marks import fill_dittos
from ocr_pipeline.registers.fields import Field, FieldKind, Record, Script
from ocr_pipeline.usual_options import USUAL

# Of the second network: with the usual 16 and 12 characters 8 more of 4,252 fields are right, and
# its search and the weighing of both take 40 % longer.
_SECOND_LIMITS = BeamLimits(beam=8, characters=6)


@dataclass(frozen=True, slots=True)
class FieldInk:
    """The written lines of one field, as the network gets them and as it sees them.

    Attributes:
        code: of the field.
        writing: the frame scores.
        images: one (H, W) uint8 grey picture for each line of `writing`.
        struck: a stroke runs through one of them.

    """

    code: str
    writing: LineScores
    images: tuple[Gray, ...]
    struck: bool


@dataclass(frozen=True, slots=True)
class _ReadAlone:
    """What one network by itself makes of a page's fields, ticks left out; lists in one order.

    Attributes:
        jobs: the fields with the network's scores.
        pools: the hypotheses, before the fields of a record are weighed together.
        seen: what comes of it.

    """

    jobs: list[FieldScores]
    pools: list[Pool]
    seen: list[FieldObservation]


class Reader:
    """Reads fields with one model.

    Args:
        model: network and calibration.
        limits: width of the beam search.
        before: the same network without the hand that `model` has, and with the hand that the book
            had before. Where one of them is sure of another value, the field goes to a person:
            confidences are those of the network as it came, and nothing that was accepted changes
            unseen.
        second: another network that reads, too, what the first is not sure of (`second_reading`).

    """

    def __init__(
        self,
        model: Model,
        limits: BeamLimits | None = None,
        before: Sequence[Model] = (),
        second: SecondModel | None = None,
    ) -> None:
        self.model, self.limits = model, limits or BeamLimits()
        self._of_both = None if second is None else second.calibration
        self._second = None if second is None else Reader(second.model, limits or _SECOND_LIMITS)
        self._before = [Reader(one, limits, second=second) for one in before]
        self._alphabet = model.recogniser.alphabet
        self._alone = {"model": model.recogniser.name}
        names = {} if second is None else {"second": second.model.recogniser.name}
        self._versions = {**self._alone, **names}

    def read_page(
        self,
        records: Sequence[RecordCrops],
        page: str = "",
        layout: str = "",
        home: tuple[str, ...] = (),
    ) -> list[Record]:
        """Read all records of a page.

        Args:
            records: the cut page.
            page: the page's name, kept in the records.
            layout: the layout's id.
            home: units of the book's agency, smallest first (`Agency.units`): most places of a
                book lie there, and knowing it halves the errors in addresses.

        Returns:
            One record each, in order, their fields in state `READ`.

        """
        out: list[Record] = []
        above: Mapping[str, Field] = {}
        readers = (self, *self._before)
        read, *former = (
            [{code: reader._confident(one) for code, one in seen.items()} for seen in observed]
            for reader, observed in zip(readers, _observed(readers, records, home), strict=True)
        )
        for other in former:
            read = [_agreed(*pair) for pair in zip(read, other, strict=True)]
        for crops, fields in zip(records, read, strict=True):
            fields = fill_dittos(fields, above)
            out.append(Record(page, crops.position, layout, fields, crops.part_of))
            above = above if crops.part_of else fields
        return out

    def observe(
        self, records: Sequence[RecordCrops], home: tuple[str, ...] = ()
    ) -> list[dict[str, FieldObservation]]:
        """Read all records of a page, confidence left open.

        Where there is a second network, it reads what the first is not sure of by itself: all that
        is written, while the model is not calibrated.
        """
        return _observed((self,), records, home)[0]

    def _alone_on(
        self,
        records: Sequence[RecordCrops],
        written: Sequence[WrittenField],
        home: tuple[str, ...],
    ) -> _ReadAlone:
        """What this reader's first network makes of a page's fields."""
        jobs, pools = self._searched(written, home)
        weighed = self._together(records, jobs, pools)
        seen = [
            FieldObservation.of_writing(job, settle(job.writing, self._alphabet, pool), self._alone)
            for job, pool in zip(jobs, weighed, strict=True)
        ]
        known = with_page_means([one.features for one in seen])
        seen = [replace(one, features=row) for one, row in zip(seen, known, strict=True)]
        return _ReadAlone(jobs, pools, seen)

    def _doubted(self, alone: _ReadAlone) -> set[int]:
        """Places of the fields that its first network is not sure of."""
        own = self.model.calibration
        return {
            place
            for place, one in enumerate(alone.seen)
            if len(one.features) and own.probability(one.reading.kind, one.features) < SURE
        }

    def _searched(
        self, written: Sequence[WrittenField], home: tuple[str, ...]
    ) -> tuple[list[FieldScores], list[Pool]]:
        """What the network says of the fields, and its hypotheses of each."""
        jobs = scored(written, self.model.recogniser)
        writings = [job.writing for job in jobs]
        return jobs, search(writings, self._alphabet, self.limits, home)

    def _together(
        self, records: Sequence[RecordCrops], jobs: Sequence[FieldScores], pools: Sequence[Pool]
    ) -> list[Pool]:
        """The pools of all fields, those of each record weighed together."""
        out = list(pools)
        at = {id(job.crop): place for place, job in enumerate(jobs)}
        for record in records:
            own = [at[id(crop)] for crop in record.fields.values() if id(crop) in at]
            fields = [RecordField(jobs[p].crop.code, jobs[p].writing, pools[p]) for p in own]
            for place, pool in zip(own, weigh_together(fields), strict=True):
                out[place] = pool
        return out

    def _with_second(
        self,
        records: Sequence[RecordCrops],
        alone: _ReadAlone,
        heard: Mapping[int, SecondReading],
    ) -> list[FieldObservation]:
        """The same fields, those that the second network has read weighed by both."""
        pairs = [
            ReadingPair(
                alone.jobs[place].writing,
                alone.pools[place],
                reading.of_lines(alone.jobs[place].kept),
                reading,
            )
            for place, reading in heard.items()
        ]
        both = dict(zip(heard, weigh_both(pairs, self._alphabet), strict=True))
        pools = [both.get(place, pool) for place, pool in enumerate(alone.pools)]
        weighed = self._together(records, alone.jobs, pools)
        seen = {}
        for pair, (place, pool) in zip(pairs, both.items(), strict=True):
            decoded = settle(pair.first, self._alphabet, weighed[place])
            one = FieldObservation.of_writing(alone.jobs[place], decoded, self._versions)
            if len(one.features):
                rest = alone.seen[place].features
                own = second_features(decoded, pool, pair)
                known = np.concatenate([with_means_of(one.features, rest), own])
                one = replace(one, features=known)
            seen[place] = replace(one, alone=alone.seen[place])
        rows = with_second_page_means([one.features for one in seen.values()])
        seen = {
            place: replace(one, features=row)
            for (place, one), row in zip(seen.items(), rows, strict=True)
        }
        return [seen.get(place, one) for place, one in enumerate(alone.seen)]

    def _by_code(
        self,
        records: Sequence[RecordCrops],
        written: Sequence[WrittenField],
        seen: Sequence[FieldObservation],
    ) -> list[dict[str, FieldObservation]]:
        """What was seen of each record's fields, ticks added."""
        own = {id(field.crop): one for field, one in zip(written, seen, strict=True)}
        return [
            {
                code: FieldObservation.of_ticks(crop, self._alone)
                if crop.kind is FieldKind.TICK
                else own[id(crop)]
                for code, crop in record.fields.items()
            }
            for record in records
        ]

    def _confident(self, seen: FieldObservation) -> Field:
        """The field with its confidence: that of both networks where both have read it."""
        own = self.model.calibration
        both = len(seen.features) > len(FEATURES)
        return seen.confident(self._of_both if both and self._of_both is not None else own)

    def _second_readings(
        self, written: Sequence[WrittenField], home: tuple[str, ...]
    ) -> list[SecondReading]:
        """What this reader's network makes of fields as the second one."""
        return [
            SecondReading(self._alphabet, job.scores, job.writing, pool)
            for job, pool in zip(*self._searched(written, home), strict=True)
        ]

    def scores(self, crops: Sequence[FieldCrop]) -> list[LineScores]:
        """What the network says of these fields, frame by frame, as `observe` decodes it.

        Where the frames lie is told of networks that read lines prepared by `prepare_line`.
        """
        known = getattr(self.model.recogniser, "preparation", "") == PREPARATION
        return [replace(job.writing, inks=job.framed if known else ()) for job in self._of(crops)]

    def ink(self, crops: Sequence[FieldCrop]) -> list[FieldInk]:
        """The written lines of these fields: pictures and scores, in the order given."""
        out = []
        for job in self._of(crops):
            kept = tuple(job.field.lines[line] for line in job.kept)
            struck = any(ink.struck for ink in job.field.inks)
            out.append(FieldInk(job.crop.code, job.writing, kept, struck))
        return out

    def _of(self, crops: Sequence[FieldCrop]) -> list[FieldScores]:
        return scored([WrittenField.of(crop) for crop in crops], self.model.recogniser)

    def read_lines(self, images: Sequence[Gray], kind: str = LINE) -> list[Field]:
        """Read pictures of single lines or one-line fields, of any resolution, with one network.

        Args:
            images: (H, W) uint8, dark ink on light paper.
            kind: a `FieldKind` value, or `line` for open text.

        """
        scores = self.model.recogniser.scores(list(images))
        writings = [LineScores(kind, (s,) if len(s) else ()) for s in scores]
        own = FieldKind.FREE_TEXT if kind == LINE else FieldKind(kind)
        plain = Field("", own, versions=self._alone)
        decoded = decode(writings, self.model.recogniser.alphabet, self.limits)
        seen = {}
        for place, (writing, result) in enumerate(zip(writings, decoded, strict=True)):
            if result.candidates and result.raw.strip():
                best = result.candidates
                field = replace(plain, as_written=result.raw, value=best[0].value, n_best=best)
                seen[place] = FieldObservation(field, features(result, writing.lines))
        known = with_page_means([one.features for one in seen.values()])
        sure = {
            place: replace(one, features=row)
            for (place, one), row in zip(seen.items(), known, strict=True)
        }
        return [
            sure[place].confident(self.model.calibration, kind)
            if place in sure
            else replace(plain, as_written=result.raw, script=Script.BLANK)
            for place, result in enumerate(decoded)
        ]


#: No threshold of an office lies at or below it, so that a field of this confidence goes to people,
#: and a reading without the hand that is less sure was accepted nowhere.
_SURE_BEFORE = _DISAGREED = UNCALIBRATED_CAP


def _agreed(fields: Mapping[str, Field], before: Mapping[str, Field]) -> dict[str, Field]:
    """The fields, in doubt where the reading before was sure of another value."""
    out = {}
    for code, field in fields.items():
        other = before[code]
        if other.confidence >= _SURE_BEFORE and other.value != field.value:
            field = replace(field, confidence=min(field.confidence, _DISAGREED))
        out[code] = field
    return out


def _observed(
    readers: Sequence[Reader], records: Sequence[RecordCrops], home: tuple[str, ...]
) -> list[list[dict[str, FieldObservation]]]:
    """What each of some readers sees of a page's records; all of them have the same second network.

    It reads once for all, and what one of them doubts it reads for the others, too: they are
    compared field by field.
    """
    written = written_fields(records)
    alone = [reader._alone_on(records, written, home) for reader in readers]
    seen = [one.seen for one in alone]
    second = readers[0]._second
    if second is not None:
        doubted = sorted(set[int]().union(*map(Reader._doubted, readers, alone)))
        said = second._second_readings([written[place] for place in doubted], home)
        heard = dict(zip(doubted, said, strict=True))
        seen = [
            reader._with_second(records, one, heard)
            for reader, one in zip(readers, alone, strict=True)
        ]
    return [
        reader._by_code(records, written, own) for reader, own in zip(readers, seen, strict=True)
    ]


def load_reader(model: str = USUAL.model) -> Reader:
    """A reader with a model by its name or the path of its folder.

    Raises:
        MachineError: there is no such model, or it is damaged.

    """
    return Reader(load_model(model))
