"""The overlay: small annotators that draw on a copy of the frame."""

from formcoach.feedback.overlay.overlay import Overlay

__all__ = ["Overlay"]
