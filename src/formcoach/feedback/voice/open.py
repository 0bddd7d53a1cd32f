"""Opens the voice that was asked for, or the next best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from formcoach.feedback.voice.clips import ShippedCues
from formcoach.feedback.voice.device import LoudspeakerVoice, SilentVoice
from formcoach.feedback.voice.types import VoiceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from formcoach.feedback.voice.types import Voice


def open_voice(kind: VoiceKind, texts: Iterable[str] = ()) -> Voice:
    """Open a voice.

    Never fails: where there is no sound output, or no system's voice, `Voice.problem` says so in one sentence, and the
    rest goes on. Takes at most about two seconds, mostly far less.

    Parameters
    ----------
    kind
        Who speaks.
    texts
        What will probably be said; made ready beforehand. Other texts can be said too.
    """
    if kind is VoiceKind.OFF:
        return SilentVoice()
    if kind is VoiceKind.CUES:
        return LoudspeakerVoice(ShippedCues(texts))
    from formcoach.feedback.voice.system import NOT_INSTALLED, SystemSpeech, is_installed

    if is_installed():
        return LoudspeakerVoice(SystemSpeech(texts))
    cues = ShippedCues(texts)
    cues.problem = NOT_INSTALLED
    return LoudspeakerVoice(cues)
