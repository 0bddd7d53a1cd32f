"""What is said and when: one thing at a time, with room to hear and follow it, and rather nothing than too much."""

from __future__ import annotations

from dataclasses import dataclass

from formcoach.coach.session.types import Urgency, Utterance

# All [D]. Speech takes about 0.35 s a word (170 words a minute), and 1.2 s are left to understand it.
PAUSE_S = 1.2
WORD_S = 0.35
# evidence.md §2: the same spoken cue not again within 6 to 8 s.
SAME_AGAIN_S = 7.0
# What has waited for longer is no longer about now.
WAIT_S = 6.0


def measure_speech_s(text: str) -> float:
    """Return how long after a text begins the next one may begin, seconds."""
    return PAUSE_S + WORD_S * len(text.split())


@dataclass(frozen=True, slots=True)
class _Waiting:
    utterance: Utterance
    until_s: float
    of_stage: bool


class Chatter:
    """Takes what could be said and gives out what is."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._said_s: dict[str, float] = {}
        self._free_s = float("-inf")
        self.last_text: str | None = None

    def say(
        self,
        time_s: float,
        text: str,
        urgency: Urgency = Urgency.IN_TURN,
        *,
        wait_s: float = WAIT_S,
        again_s: float = SAME_AGAIN_S,
        of_stage: bool = False,
    ) -> bool:
        """Ask for something to be said.

        Parameters
        ----------
        time_s
            Seconds.
        text
            What.
        urgency
            ``NOW`` comes before all that waits, which is forgotten; ``IF_QUIET`` never waits.
        wait_s
            So long it may wait.
        again_s
            So long ago the same must have been said last.
        of_stage
            Whether it means nothing any more once the stage is over.

        Returns
        -------
        bool
            Whether it will be said, as far as is known now.
        """
        if not self.would_say(time_s, text, urgency, again_s=again_s):
            return False
        if urgency is Urgency.NOW:
            self._waiting = [one for one in self._waiting if one.utterance.urgency is Urgency.NOW]
        self._waiting.append(_Waiting(Utterance(str(text), urgency), time_s + wait_s, of_stage))
        return True

    def would_say(
        self, time_s: float, text: str, urgency: Urgency = Urgency.IN_TURN, *, again_s: float = SAME_AGAIN_S
    ) -> bool:
        """Tell whether something would be taken to be said, as `say` tells it; nothing is asked for by that."""
        if time_s - self._said_s.get(text, float("-inf")) < again_s:
            return False
        if any(one.utterance.text == text for one in self._waiting):
            return False
        return urgency is not Urgency.IF_QUIET or self.is_quiet(time_s)

    def forget(self) -> None:
        """Leave out all that waits: it was about something that is over."""
        self._waiting.clear()

    def end_stage(self) -> None:
        """Leave out what waits and was about the stage that is over."""
        self._waiting = [one for one in self._waiting if not one.of_stage]

    def heard_s(self, text: str) -> float:
        """Return when a text had last been said to its end, seconds; minus infinity when it was not."""
        return self._said_s.get(text, float("-inf")) + WORD_S * len(text.split())

    @property
    def waits(self) -> bool:
        """Whether something waits to be said."""
        return bool(self._waiting)

    def is_quiet(self, time_s: float) -> bool:
        """Tell whether nothing is being said or waits to be."""
        return not self._waiting and time_s >= self._free_s

    def take(self, time_s: float) -> tuple[Utterance, ...]:
        """Return what begins to be said now: at most one, or all that is urgent."""
        self._waiting = [one for one in self._waiting if time_s <= one.until_s]
        urgent = [one for one in self._waiting if one.utterance.urgency is Urgency.NOW]
        chosen = urgent[-1:] or (self._waiting[:1] if time_s >= self._free_s else [])
        if not chosen:
            return ()
        self._waiting = [one for one in self._waiting if one not in chosen and one not in urgent]
        text = chosen[0].utterance.text
        self._said_s[text] = time_s
        self.last_text = text
        self._free_s = time_s + measure_speech_s(text)
        return (chosen[0].utterance,)
