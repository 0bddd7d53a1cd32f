"""A session as CSV, JSON and Parquet."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from formcoach.angles import Angle, Status
from formcoach.errors import MissingLibraryError
from formcoach.sessions.measured import NO_LEG, PHASES, SIDES
from formcoach.sessions.record import to_document, to_json
from formcoach.sessions.tables import AnglesTable, write_flags

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from formcoach.sessions.measured import Measured
    from formcoach.sessions.record import SessionRecord

HOLD_COLUMNS = ("leg", "set", "start_s", "end_s", "counted_s", "good_s")
SYMPTOM_COLUMNS = (
    "time_s",
    "leg",
    "set",
    "place",
    "trigger",
    *(f"{angle}_{part}" for angle in Angle for part in ("deg", "sigma_deg", "status")),
)
PARQUET_EXTRA = "Parquet needs the package pyarrow: run \"pip install 'formcoach[parquet]'\"."


def write_csv(folder: Path, record: SessionRecord, measured: Measured, sets: Sequence[int]) -> None:
    """Write four tables; unknown values are empty cells.

    ``angles.csv`` and ``flags.csv`` are those of a result folder; ``holds.csv`` and ``symptoms.csv`` are written also
    when there is none.

    Parameters
    ----------
    folder
        An existing folder.
    record, measured
        The session.
    sets
        In which set each hold of the record was, from 1.
    """
    write_angles(folder / "angles.csv", measured)
    write_flags(folder / "flags.csv", record.flags)
    holds = [
        (_word(one.leg), number, *(f"{value:.3f}" for value in (one.start_s, one.end_s, one.counted_s, one.good_s)))
        for one, number in zip(record.holds, sets, strict=True)
    ]
    _write(folder / "holds.csv", HOLD_COLUMNS, holds)
    symptoms = []
    for symptom in record.symptoms:
        cells: list[object] = [f"{symptom.time_s:.3f}", _word(symptom.leg), symptom.set_number]
        cells += [_word(symptom.place), symptom.trigger.value]
        for _, reading in symptom.readings.items():
            cells += [_cell(reading.value_deg), _cell(reading.sigma_deg), reading.status.label]
        symptoms.append(cells)
    _write(folder / "symptoms.csv", SYMPTOM_COLUMNS, symptoms)


def write_angles(path: Path, measured: Measured) -> None:
    """Write ``angles.csv`` as a result folder has it."""
    with AnglesTable(path) as table:
        readings = measured.series.readings
        for row, (index, time_s) in enumerate(
            zip(measured.index.tolist(), measured.series.time_s.tolist(), strict=True)
        ):
            table.write(index, time_s, measured.phase_of(row), measured.leg_of(row), readings[row])


def make_json(record: SessionRecord) -> bytes:
    """Return the document of ``session.json``."""
    return to_json(record).encode()


def make_parquet(record: SessionRecord, measured: Measured) -> bytes:
    """Return the angles of every frame as a Parquet file.

    The columns are those of ``angles.csv``; what is unknown is null. The metadata of each column names its unit, that
    of the schema has the document of ``session.json`` under ``formcoach.session``.

    Raises
    ------
    MissingLibraryError
        When the extra ``parquet`` is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingLibraryError(PARQUET_EXTRA) from error

    readings = measured.series.readings
    fields, columns = [], []

    def add(name: str, column: Any, unit: str) -> None:
        fields.append(pa.field(name, column.type, metadata={"unit": unit}))
        columns.append(column)

    def words(codes: Any, names: Sequence[str], unknown: int | None = None) -> Any:
        missing = None if unknown is None else codes == unknown
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=missing), pa.array(names))

    add("frame", pa.array(measured.index), "frame of the source, from 0")
    add("time_s", pa.array(measured.series.time_s), "second")
    add("phase", words(measured.phase, [one.value for one in PHASES]), "word")
    add("leg", words(measured.leg, [one.value for one in SIDES], NO_LEG), "word")
    statuses = [status.label for status in sorted(Status)]
    for angle in Angle:
        for name, values in (("deg", readings.value_deg), ("sigma_deg", readings.sigma_deg)):
            one = np.ascontiguousarray(values[:, angle.column])
            add(f"{angle}_{name}", pa.array(one, mask=np.isnan(one)), "degree")
        add(f"{angle}_status", words(np.ascontiguousarray(readings.status[:, angle.column]), statuses), "word")
    document = json.dumps(to_document(record), ensure_ascii=False)
    schema = pa.schema(fields, metadata={"formcoach.session": document, "formcoach.version": record.program_version})
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns, schema=schema), buffer, compression="zstd")
    return buffer.getvalue()


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def _word(value: str | None) -> str:
    return "" if value is None else str(value)


def _cell(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else ""
