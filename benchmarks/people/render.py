"""Draws meshes with OpenGL (EGL, no window; Mesa's software renderer will do).

A picture is the mean of a few passes. Each has its own place within the pixel and its own two shadowed directional
lights, so that edges and shadows come out soft. The lights are the same in every picture: clips do not flicker.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from people import shaders
from people.rotations import unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from people.camera import Camera
    from people.mesh import Mesh
    from people.rotations import Array

    Picture = NDArray[np.float32]

NEAR_M, FAR_M = 0.05, 40.0
SHADOW_PX = 512
# What the shaders expect.
LIGHTS_PER_PASS = 2
GOLDEN = 0.618034
# Dome lights never lie quite on the horizon.
DOME_EDGE = 0.97
EXPOSURE = 1.7
GAMMA = 2.2


@dataclass(frozen=True, slots=True)
class Light:
    """A window or lamp, and the light from everywhere.

    Attributes
    ----------
    direction : tuple of float
        Towards the window.
    power, sky, ambient : float
        Of the window, of the ceiling with shadows, and without; 1 is bright.
    size : float
        Of the window, radians or so.
    key_share : float
        Share of the lights that the window gets.
    tint, sky_tint : tuple of float
        Red, green, blue.
    """

    direction: tuple[float, float, float]
    power: float
    sky: float = 0.9
    ambient: float = 0.25
    size: float = 0.25
    key_share: float = 0.4
    tint: tuple[float, float, float] = (1.0, 0.97, 0.92)
    sky_tint: tuple[float, float, float] = (0.95, 0.98, 1.0)


@dataclass(slots=True)
class _Loaded:
    """Meshes in the graphics library's memory, once for every program."""

    by_mode: list[Any]
    shadow: Any
    buffers: list[Any]
    low: Array
    high: Array

    def release(self) -> None:
        for part in [*self.by_mode, self.shadow, *self.buffers]:
            part.release()


@dataclass(frozen=True, slots=True)
class _Canvas:
    """What is drawn into, for one picture size."""

    frame: Any
    painted: Any


class Renderer:
    """Draws people in a room; one serves all picture sizes, and a process can only have one."""

    def __init__(self) -> None:
        # One core: other processes render the other people.
        os.environ.setdefault("LP_NUM_THREADS", "1")
        import moderngl

        self._context = moderngl.create_standalone_context(backend="egl")
        self._programs = [
            self._context.program(vertex_shader=shaders.VERTEX, fragment_shader=shaders.fragment_source(mode))
            for mode in (shaders.LIGHT_PEOPLE, shaders.PAINT_ROOM, shaders.LIGHT_ROOM)
        ]
        self._shadow_program = self._context.program(
            vertex_shader=shaders.SHADOW_VERTEX, fragment_shader=shaders.SHADOW_FRAGMENT
        )
        self._shadow_maps = [self._context.depth_texture((SHADOW_PX, SHADOW_PX)) for _ in range(LIGHTS_PER_PASS)]
        self._shadow_frames = []
        for shadow_map in self._shadow_maps:
            shadow_map.compare_func = "<="
            self._shadow_frames.append(self._context.framebuffer(depth_attachment=shadow_map))
        self._canvases: dict[tuple[int, int], _Canvas] = {}
        self._room: _Loaded | None = None
        self._camera: Camera | None = None
        self._context.enable(moderngl.DEPTH_TEST)

    def set_room(self, camera: Camera, meshes: Sequence[Mesh], passes: int = 4) -> None:
        """Choose the camera and paint the room as it sees it, without light."""
        if self._room:
            self._room.release()
        self._room, self._camera = self._load(meshes), camera
        canvas = self._canvas(camera.size)
        self._set(eye=camera.position)
        total = np.zeros((camera.size[1], camera.size[0], 4), dtype=np.float32)
        for index in range(passes):
            self._set(cam=_clip(camera, ((index + 0.5) / passes - 0.5, (index * GOLDEN) % 1.0 - 0.5)).T)
            canvas.frame.use()
            canvas.frame.clear()
            self._room.by_mode[shaders.PAINT_ROOM].render()
            total += self._read(canvas)
        canvas.painted.write((total / np.float32(passes)).tobytes())

    def render(self, moments: Sequence[Sequence[Mesh]], light: Light, passes: int) -> Picture:
        """Return the picture of people in the room, (height, width, 3), 0 to 1 as on a screen.

        Parameters
        ----------
        moments : sequence of sequences of Mesh
            The people's meshes at one or more moments of the exposure: their mean is motion blur.
        light : Light
        passes : int
            At least as many as moments.
        """
        if self._room is None or self._camera is None:
            raise RuntimeError("choose a room before rendering")
        canvas = self._canvas(self._camera.size)
        loaded = [self._load(meshes) for meshes in moments]
        centre, radius = _ball(loaded)
        for unit_number, texture in enumerate([*self._shadow_maps, canvas.painted]):
            texture.use(unit_number)
        self._set(eye=self._camera.position, ambient=light.ambient, shadow0=0, shadow1=1, painted=2)
        # Always the same places within the pixel, or still parts of a clip would shimmer.
        jitter = np.random.default_rng(1).uniform(-0.5, 0.5, (passes, 2))
        total = np.zeros((self._camera.size[1], self._camera.size[0], 4), dtype=np.float32)
        lights = _lights(light, passes * LIGHTS_PER_PASS)
        for index in range(passes):
            people, now = loaded[index % len(loaded)], lights[index::passes]
            suns = [_sun(direction, centre, radius) for direction, _ in now]
            self._cast_shadows(people, suns)
            self._set(
                cam=_clip(self._camera, jitter[index]).T,
                suns=np.stack([sun.T for sun in suns]),
                lights=np.stack([direction for direction, _ in now]),
                strengths=np.stack([strength for _, strength in now]),
            )
            canvas.frame.use()
            canvas.frame.clear()
            people.by_mode[shaders.LIGHT_PEOPLE].render()
            self._room.by_mode[shaders.LIGHT_ROOM].render()
            total += self._read(canvas)
        for people in loaded:
            people.release()
        # A soft shoulder instead of clipped highlights, then a screen's gamma; the rows come from below.
        tone = 1.0 - np.exp(total[::-1, :, :3] * np.float32(-EXPOSURE / passes))
        return np.power(np.clip(tone, 0.0, 1.0), np.float32(1.0 / GAMMA))

    def _cast_shadows(self, people: _Loaded, suns: Sequence[Array]) -> None:
        for frame, sun in zip(self._shadow_frames, suns, strict=True):
            frame.use()
            frame.clear(depth=1.0)
            self._shadow_program["sun"].write(sun.T.astype("f4").tobytes())
            people.shadow.render()

    def _canvas(self, size: tuple[int, int]) -> _Canvas:
        if size not in self._canvases:
            colour = self._context.texture(size, 4, dtype="f4")
            frame = self._context.framebuffer([colour], self._context.depth_renderbuffer(size))
            self._canvases[size] = _Canvas(frame, self._context.texture(size, 4, dtype="f4"))
        return self._canvases[size]

    def _read(self, canvas: _Canvas) -> Picture:
        width, height = canvas.frame.size
        # With all four channels the library copies, with three it would convert.
        return np.frombuffer(canvas.frame.read(components=4, dtype="f4"), np.float32).reshape(height, width, 4)

    def _set(self, **values: Any) -> None:
        for program in self._programs:
            for name, value in values.items():
                if name not in program:
                    continue
                if isinstance(value, np.ndarray):
                    program[name].write(value.astype("f4").tobytes())
                else:
                    program[name].value = value

    def _load(self, meshes: Sequence[Mesh]) -> _Loaded:
        rows, faces, count = [], [], 0
        for mesh in meshes:
            material = np.broadcast_to(np.asarray(mesh.material, dtype=float), len(mesh.vertices))
            rows.append(np.column_stack([mesh.vertices, mesh.normals, mesh.colours, mesh.pattern, material]))
            faces.append(mesh.faces + count)
            count += len(mesh.vertices)
        table = np.vstack(rows)
        vertices = self._context.buffer(table.astype("f4").tobytes())
        indices = self._context.buffer(np.vstack(faces).astype("i4").tobytes())
        layout = (vertices, "3f 3f 3f 3f 1f", "p", "n", "c", "q", "m")
        by_mode = [
            self._context.vertex_array(program, [layout], indices, skip_errors=True) for program in self._programs
        ]
        shadow = self._context.vertex_array(self._shadow_program, [(vertices, "3f 40x", "p")], indices)
        return _Loaded(by_mode, shadow, [vertices, indices], table[:, :3].min(axis=0), table[:, :3].max(axis=0))


def _ball(loaded: Sequence[_Loaded]) -> tuple[Array, float]:
    """Return centre and radius of a ball around all people."""
    low = np.min([people.low for people in loaded], axis=0)
    high = np.max([people.high for people in loaded], axis=0)
    return (low + high) / 2.0, float(np.linalg.norm(high - low)) / 2.0 + 0.02


def _lights(light: Light, count: int) -> list[tuple[Array, Array]]:
    """Return directions and strengths that add up to the light: a soft window first, then a cosine-weighted dome.

    Their mean over the passes counts, and each pass has ``LIGHTS_PER_PASS``.
    """
    count_per_pass = count / LIGHTS_PER_PASS
    same = np.random.default_rng(2)
    key = max(1, int(count * light.key_share))
    result = []
    for _ in range(key):
        direction = unit(unit(light.direction) + light.size * same.normal(size=3))
        result.append((direction, light.power * count_per_pass / key * np.array(light.tint)))
    for index in range(count - key):
        radius = DOME_EDGE * np.sqrt((index + 0.5) / (count - key))
        around = 2.0 * np.pi * ((index * GOLDEN) % 1.0)
        direction = np.array([radius * np.cos(around), radius * np.sin(around), np.sqrt(1.0 - radius**2)])
        result.append((direction, light.sky * count_per_pass / (count - key) * np.array(light.sky_tint)))
    return result


def _sun(direction: Array, centre: Array, radius: float) -> Array:
    """Return the map from the world to the shadow map of a light, (4, 4)."""
    aside = unit(np.cross([1.0, 0.0, 0.0] if abs(direction[2]) > 0.9 else [0.0, 0.0, 1.0], direction))
    sun = np.eye(4)
    sun[:3, :3] = np.stack([aside, np.cross(direction, aside), -direction]) / radius
    sun[:3, 3] = -sun[:3, :3] @ centre
    # Three radii deep: room for the floor behind the people.
    sun[2] /= 3.0
    return sun


def _clip(camera: Camera, jitter_px: Sequence[float]) -> Array:
    """Return the map from the world to OpenGL's clip space, shifted by a part of a pixel, (4, 4)."""
    (width, height), (fx, fy) = camera.size, np.diag(camera.intrinsics)[:2]
    cx, cy = camera.intrinsics[:2, 2]
    view = np.eye(4)
    view[:3, :3], view[:3, 3] = camera.rotation, camera.translation
    depth = FAR_M - NEAR_M
    projection = np.array(
        [
            [2.0 * fx / width, 0.0, 2.0 * cx / width - 1.0 + 2.0 * jitter_px[0] / width, 0.0],
            [0.0, -2.0 * fy / height, 1.0 - 2.0 * cy / height + 2.0 * jitter_px[1] / height, 0.0],
            [0.0, 0.0, (FAR_M + NEAR_M) / depth, -2.0 * FAR_M * NEAR_M / depth],
            [0.0, 0.0, 1.0, 0.0],
        ]
    )
    return projection @ view
