"""The cameras: what each is called and what it really gives."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from formcoach.checks.check import Check, Verdict
from formcoach.checks.parts import load
from formcoach.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from formcoach.video.cameras import CameraDevice
    from formcoach.video.probe import CameraHealth

# A person of whom half is hidden needs some pixels; the README asks for as many.
MINIMUM_SIDE_PX = 480
_SPEED = "more light lets the camera expose for a shorter time, and another program or USB device may slow it down."
_REMEDIES = {
    "black": "open its cover and take off what lies over the lens.",
    "frozen": "plug it in again, and close what shows a still picture in its place.",
    "too dark": "switch on a lamp in front of you, or open the curtains.",
    "too bright": "turn the lamp or the window out of its view, or lower its exposure.",
    "unsteady": "keep window and lamp out of its view, use even light, and give it a moment.",
}
_NOT_OPENED = {
    "Linux": "close other programs that use it, and see that you may use it (run 'sudo usermod -aG video $USER' and log"
    " in again).",
    "Darwin": "close other programs that use it, and allow the camera for your terminal in System Settings, Privacy &"
    " Security.",
    "Windows": "close other programs that use it, and allow desktop apps the camera in Settings, Privacy & security.",
}
_ANY_SYSTEM = "close other programs that use it, and see that you may use it."


def check_cameras() -> Iterator[Check]:
    """Look through each camera for about two seconds; no picture is kept."""
    load("cv2")
    from formcoach.video.cameras import list_cameras

    devices = list_cameras()
    if not devices:
        yield Check(
            "camera",
            Verdict.HINT,
            "No camera was found",
            "plug one in for formcoach live; videos and photos are analysed without.",
        )
    for device in devices:
        yield check_camera(device)


def check_camera(device: CameraDevice) -> Check:
    """Look through one camera."""
    from formcoach.pose.quiet import silenced_stderr
    from formcoach.video.camera import CameraSource
    from formcoach.video.probe import measure_camera

    name = f"camera {device.number}"
    try:
        camera = CameraSource(device.number)
    except SourceError:
        remedy = _NOT_OPENED.get(platform.system(), _ANY_SYSTEM)
        return Check(name, Verdict.HINT, f"{device.name} cannot be opened", remedy)
    try:
        with silenced_stderr(), camera:
            health = measure_camera(camera)
    except SourceError as error:
        return Check.from_error(name, Verdict.HINT, error)
    return judge_camera(name, device, health, camera.info.fps)


def judge_camera(name: str, device: CameraDevice, health: CameraHealth, promised_fps: float | None) -> Check:
    """Turn what was measured into a check; the gravest fault is told."""
    from formcoach.video.health import MINIMUM_FPS

    rate = f"{health.fps:.1f} pictures a second"
    if health.delivered_fps - health.fps >= 1.0:
        rate += f" and {health.delivered_fps - health.fps:.1f} repeats"
    if promised_fps is not None and promised_fps > 0.0:
        rate += f" ({promised_fps:.0f} promised)"
    seen = f"{device.name}, {health.width}×{health.height}, {rate}"
    if health.fault is not None:
        return Check(name, Verdict.HINT, f"{seen}, {health.fault}", _REMEDIES[health.fault])
    if health.fps < MINIMUM_FPS:
        return Check(name, Verdict.HINT, f"{seen}, too few", _SPEED)
    if min(health.width, health.height) < MINIMUM_SIDE_PX:
        return Check(name, Verdict.HINT, f"{seen}, too coarse", "choose a camera of at least 640×480.")
    return Check.ok(name, f"{seen}, good light")
