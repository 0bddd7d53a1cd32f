"""What the person hears: spoken cues, one at a time, over a quiet tone of good form."""

from formcoach.feedback.voice.open import open_voice
from formcoach.feedback.voice.types import Voice, VoiceKind

__all__ = ["Voice", "VoiceKind", "open_voice"]
