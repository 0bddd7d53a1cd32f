"""Blocks of frames: without loss, whatever the bits, and damage is noticed."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcoach.coach.session.types import FREE, Guidance
from formcoach.pose.landmarks import Side
from formcoach.pose.pose import FIELD_SHAPES, Pose
from formcoach.sessions.store.frames import (
    StoredFrames,
    describe_layout,
    pack_frames,
    pack_guidance,
    unpack_frames,
    unpack_guidance,
)
from store_sessions import make_frames, same_poses


def any_bits(seed, count):
    """Frames of random bits: every NaN, infinity and denormal number occurs."""
    noise = np.random.default_rng(seed)
    pose = Pose(
        *(
            noise.integers(0, 2**32, (count, *shape), dtype=np.uint32).view(np.float32)
            for shape in FIELD_SHAPES.values()
        )
    )
    index = noise.integers(-(2**62), 2**62, count)
    time_s = noise.integers(0, 2**64, count, dtype=np.uint64).view(np.float64)
    return StoredFrames(index, time_s, pose, (FREE,) * count)


@given(seed=st.integers(0, 2**32), count=st.integers(1, 40))
def test_every_bit_comes_back(seed, count):
    frames = any_bits(seed, count)
    back = unpack_frames(pack_frames(frames), count, describe_layout(), pack_guidance(frames.guidance))
    assert back.index.tobytes() == frames.index.tobytes()
    assert back.time_s.tobytes() == frames.time_s.tobytes()
    assert same_poses(back.pose, frames.pose)
    assert back.guidance == frames.guidance


def test_a_block_of_a_quiet_person_is_smaller_than_its_numbers():
    times_s, poses, guidance = make_frames()
    frames = StoredFrames(np.arange(15), np.array(times_s[:15]), Pose.stack(poses[:15]), tuple(guidance[:15]))
    raw = 15 * sum(4 * int(np.prod(shape)) for shape in FIELD_SHAPES.values())
    assert len(pack_frames(frames)) < 0.5 * raw


@pytest.mark.parametrize("place", [0.1, 0.5, 0.99])
def test_a_damaged_block_is_noticed(place):
    frames = any_bits(1, 10)
    block = bytearray(pack_frames(frames))
    block[int(place * len(block))] ^= 0x10
    with pytest.raises(ValueError, match="block"):
        unpack_frames(bytes(block), 10, describe_layout(), pack_guidance(frames.guidance))


@pytest.mark.parametrize(("count", "guided"), [(9, 9), (11, 11), (10, 9)])
def test_a_wrong_number_of_frames_is_noticed(count, guided):
    block = pack_frames(any_bits(1, 10))
    with pytest.raises(ValueError, match="block"):
        unpack_frames(block, count, describe_layout(), pack_guidance((FREE,) * guided))


def test_what_an_older_version_did_not_keep_is_unknown():
    frames = any_bits(2, 5)
    layout = json.loads(describe_layout())
    last = layout.popitem()[0]
    import zlib

    size = 4 * 5 * int(np.prod(FIELD_SHAPES[last]))
    content = zlib.decompress(pack_frames(frames))[:-size]
    back = unpack_frames(zlib.compress(content), 5, json.dumps(layout), pack_guidance(frames.guidance))
    assert np.isnan(getattr(back.pose, last)).all()
    assert back.pose.points.tobytes() == frames.pose.points.tobytes()


def test_guidance_comes_back_in_order_and_older_guidance_takes_the_defaults():
    guidance = (FREE, FREE, Guidance(False, Side.RIGHT), Guidance(True, Side.LEFT, True), FREE)
    assert unpack_guidance(pack_guidance(guidance)) == guidance
    assert len(json.loads(pack_guidance(guidance))) == 4
    assert unpack_guidance('[[2, {"leg": "left"}], [1, {"of_a_newer_version": 1}]]') == (
        Guidance(leg=Side.LEFT),
        Guidance(leg=Side.LEFT),
        FREE,
    )
