"""Where frames come from and go to: files, photos, cameras, streams. Knows nothing of poses."""

from formcoach.video.frame import Frame, FrameSource, SourceInfo, SourceKind
from formcoach.video.sources import open_source

__all__ = ["Frame", "FrameSource", "SourceInfo", "SourceKind", "open_source"]
