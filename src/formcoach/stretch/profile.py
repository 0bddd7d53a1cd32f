"""Exercise profiles: TOML files in which every number names its source."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any

from formcoach.angles import Angle
from formcoach.errors import ProfileError, printable
from formcoach.stretch.tables import TableReader
from formcoach.stretch.types import Severity

DEFAULT_PROFILE = "standing_raised_leg"
SCHEMA = 1
MAXIMUM_CUE_WORDS = 5
DEFAULT_PRAISE = "That is better, good"


class Direction(StrEnum):
    """Which side of a threshold is the fault."""

    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it comes from."""

    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Switch:
    """Whether something is on, and why."""

    value: bool
    source: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where a severity begins and where it ends (hysteresis), in degrees.

    Attributes
    ----------
    on : float
        The fault counts from here, in the direction of the flag.
    off : float
        It is over here; it lies on the good side of `on`.
    source : str
        Why there.
    """

    on: float
    off: float
    source: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A flag counts only while another angle is at least so large."""

    angle: Angle
    at_least: float
    source: str


@dataclass(frozen=True, slots=True)
class FlagRule:
    """One thing to watch.

    Attributes
    ----------
    name, label : str
        For files; for the screen.
    angle : Angle
        What is watched.
    direction : Direction
        Which side is the fault.
    thresholds : dict of Severity to Threshold
        For `TIP`, or for `WARN` and `STRONG`.
    maximum_sigma_deg : Number
        A reading less certain than this is not judged.
    cue : str
        At most five words.
    reason : str
        One sentence for the report.
    praise : str
        Said when it was corrected.
    only_when : Condition or None
        When it counts at all.
    judged : Switch or None
        Off where no camera view shows the angle well enough to judge it at all; None is on.
    reminder : str or None
        At most five words: what to watch without the camera where it was not checked.
    """

    name: str
    label: str
    angle: Angle
    direction: Direction
    thresholds: dict[Severity, Threshold]
    maximum_sigma_deg: Number
    cue: str
    reason: str
    praise: str = DEFAULT_PRAISE
    only_when: Condition | None = None
    judged: Switch | None = None
    reminder: str | None = None

    @property
    def is_judged(self) -> bool:
        """Whether it may be judged at all."""
        return self.judged is None or self.judged.value

    @property
    def sign(self) -> float:
        """+1 when larger angles are the fault, -1 when smaller ones are."""
        return 1.0 if self.direction is Direction.ABOVE else -1.0

    @property
    def first_threshold(self) -> Threshold:
        """The threshold that is reached first on the way from good form."""
        return self.thresholds[min(self.thresholds)]


@dataclass(frozen=True, slots=True)
class HoldRule:
    """The hold: how long, when it begins, when it is lost. All in seconds but the knee, in degrees."""

    target_s: Number
    settle_s: Number
    lost_after_s: Number
    bent_knee_limit: Number


@dataclass(frozen=True, slots=True)
class TimingRule:
    """How long a condition must last, and how often a cue is said. Seconds, and a count of repeats."""

    tip_dwell_s: Number
    warn_dwell_s: Number
    strong_dwell_s: Number
    clear_dwell_s: Number
    unseen_after_s: Number
    median_s: Number
    cue_cooldown_s: Number
    cue_repeats: Number


@dataclass(frozen=True, slots=True)
class Profile:
    """An exercise.

    Attributes
    ----------
    name, title : str
        For files; for people.
    hold, timing : HoldRule, TimingRule
        Numbers with sources.
    warnings_for_strong : Number
        So many warnings at once count as strong.
    stacking_cue : str
        What is said then, and after too many repeats.
    flags : tuple of FlagRule
        In order of importance: of two cues of the same severity the earlier flag's is given.
    file : str
        File name, for the record.
    sha256 : str
        Hash of the file, for the record.
    """

    name: str
    title: str
    hold: HoldRule
    timing: TimingRule
    warnings_for_strong: Number
    stacking_cue: str
    flags: tuple[FlagRule, ...]
    file: str = ""
    sha256: str = field(default="", repr=False)

    def flag(self, name: str) -> FlagRule:
        """Return the flag of that name; KeyError when there is none."""
        for rule in self.flags:
            if rule.name == name:
                return rule
        raise KeyError(name)


def load_profile(profile: str | Path = DEFAULT_PROFILE) -> Profile:
    """Load an exercise profile and check it.

    Parameters
    ----------
    profile
        The name of a profile in the package, or the path of a TOML file.

    Returns
    -------
    Profile
        Checked: every key known and present, every threshold in order.

    Raises
    ------
    ProfileError
        With the file, all faults found and what to change.
    """
    content, name = _read(str(profile))
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"The exercise profile '{name}' is not valid TOML ({error}): correct that line.") from error
    return _ProfileReader(name).read(document, hashlib.sha256(content).hexdigest())


def _read(profile: str) -> tuple[bytes, str]:
    bundled = resources.files("formcoach.stretch").joinpath("profiles", f"{profile}.toml")
    if "/" not in profile and "\\" not in profile and bundled.is_file():
        return bundled.read_bytes(), f"{profile}.toml"
    path = Path(profile)
    try:
        return path.read_bytes(), printable(path.name)
    except OSError as error:
        known = ", ".join(list_profiles())
        raise ProfileError(
            f"There is no exercise profile '{profile}' ({error.strerror}): name one of {known}, or a TOML file."
        ) from error


def list_profiles() -> list[str]:
    """Return the names of the profiles in the package."""
    folder = resources.files("formcoach.stretch").joinpath("profiles")
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


class _ProfileReader(TableReader):
    """Reads a parsed TOML document, collecting all faults before it complains."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def read(self, document: dict[str, Any], sha256: str) -> Profile:
        self._check_keys("the file", document, {"schema", "name", "title", "hold", "timing", "stacking", "flag"})
        if document.get("schema") != SCHEMA:
            self._faults.append(f"schema must be {SCHEMA}")
        stacking = self._table(document, "stacking")
        self._check_keys("[stacking]", stacking, {"warnings_for_strong", "cue"})
        raw_flags = document.get("flag")
        if not isinstance(raw_flags, list) or not raw_flags:
            self._faults.append("there must be at least one [[flag]]")
            raw_flags = []
        profile = Profile(
            name=self._text("the file", document, "name"),
            title=self._text("the file", document, "title"),
            hold=self._numbers("[hold]", self._table(document, "hold"), HoldRule),
            timing=self._numbers("[timing]", self._table(document, "timing"), TimingRule),
            warnings_for_strong=self._number("[stacking]", stacking, "warnings_for_strong"),
            stacking_cue=self._cue("[stacking]", stacking),
            flags=tuple(self._flag(raw) for raw in raw_flags if isinstance(raw, dict)),
            file=self._name,
            sha256=sha256,
        )
        names = [rule.name for rule in profile.flags]
        self._faults += [f"flag '{name}' stands there twice" for name in {n for n in names if names.count(n) > 1}]
        if self._faults:
            raise ProfileError(f"The exercise profile '{self._name}' needs a correction: {self._complaint()}.")
        return profile

    def _flag(self, raw: dict[str, Any]) -> FlagRule:
        where = f"flag '{raw.get('name', '?')}'"
        optional = {"praise", "only_when", "judged", "reminder", "tip", "warn", "strong"}
        required = {"name", "label", "angle", "direction", "cue", "reason", "maximum_sigma"}
        self._check_keys(where, raw, required | optional, required)
        direction = self._choice(where, raw, "direction", Direction) or Direction.ABOVE
        return FlagRule(
            name=self._text(where, raw, "name"),
            label=self._text(where, raw, "label"),
            angle=self._choice(where, raw, "angle", Angle) or Angle.KNEE_FLEXION,
            direction=direction,
            thresholds=self._thresholds(where, raw, direction),
            maximum_sigma_deg=self._number(where, raw, "maximum_sigma"),
            cue=self._cue(where, raw),
            reason=self._text(where, raw, "reason"),
            praise=self._text(where, raw, "praise") if "praise" in raw else DEFAULT_PRAISE,
            only_when=self._condition(where, raw),
            judged=self._switch(where, raw, "judged"),
            reminder=self._cue(where, raw, "reminder") if "reminder" in raw else None,
        )

    def _thresholds(self, where: str, raw: dict[str, Any], direction: Direction) -> dict[Severity, Threshold]:
        named = {"tip": Severity.TIP, "warn": Severity.WARN, "strong": Severity.STRONG}
        found = {severity: self._threshold(where, raw, key) for key, severity in named.items() if key in raw}
        if set(found) not in ({Severity.TIP}, {Severity.WARN, Severity.STRONG}):
            self._faults.append(f"{where} must have either tip, or both warn and strong")
            return found
        sign = 1.0 if direction is Direction.ABOVE else -1.0
        for severity, threshold in found.items():
            if sign * threshold.off > sign * threshold.on:
                self._faults.append(f"{where}: {severity.label} off must lie on the good side of on")
        if Severity.WARN in found and sign * found[Severity.WARN].on >= sign * found[Severity.STRONG].on:
            self._faults.append(f"{where}: warn on must come before strong on")
        return found

    def _threshold(self, where: str, raw: dict[str, Any], key: str) -> Threshold:
        table = self._table(raw, key, where)
        self._check_keys(f"{where}, {key}", table, {"on", "off", "source"})
        return Threshold(
            self._float(f"{where}, {key}", table, "on"),
            self._float(f"{where}, {key}", table, "off"),
            self._text(f"{where}, {key}", table, "source"),
        )

    def _condition(self, where: str, raw: dict[str, Any]) -> Condition | None:
        if "only_when" not in raw:
            return None
        table = self._table(raw, "only_when", where)
        place = f"{where}, only_when"
        self._check_keys(place, table, {"angle", "at_least", "source"})
        angle = self._choice(place, table, "angle", Angle) or Angle.TRUNK_LEAN
        return Condition(angle, self._float(place, table, "at_least"), self._text(place, table, "source"))

    def _numbers(self, where: str, table: dict[str, Any], kind: Any) -> Any:
        names = list(kind.__dataclass_fields__)
        self._check_keys(where, table, set(names))
        numbers = {name: self._number(where, table, name) for name in names}
        self._faults += [f"{where} {name} must not be negative" for name, one in numbers.items() if one.value < 0]
        return kind(**numbers)

    def _number(self, where: str, table: dict[str, Any], key: str) -> Number:
        inner = self._table(table, key, where)
        place = f"{where} {key}"
        self._check_keys(place, inner, {"value", "source"})
        return Number(self._float(place, inner, "value"), self._text(place, inner, "source"))

    def _switch(self, where: str, raw: dict[str, Any], key: str) -> Switch | None:
        if key not in raw:
            return None
        table = self._table(raw, key, where)
        place = f"{where}, {key}"
        self._check_keys(place, table, {"value", "source"})
        value = table.get("value", True)
        if not isinstance(value, bool):
            self._faults.append(f"{place}: value must be true or false")
        return Switch(value is True, self._text(place, table, "source"))

    def _cue(self, where: str, table: dict[str, Any], key: str = "cue") -> str:
        cue = self._text(where, table, key)
        if len(cue.split()) > MAXIMUM_CUE_WORDS:
            self._faults.append(f"{where}: {key} must have at most {MAXIMUM_CUE_WORDS} words")
        return cue
