from __future__ import annotations

import numpy as np

from builders import STANDING, STRETCHING, make_pose
from formcoach.pose.pose import FIELD_SHAPES, Pose
from formcoach.sessions.landmarks import CHUNK_FRAMES, PoseSpool, load_landmarks


def fill(folder, count):
    folder.mkdir()
    spool = PoseSpool(folder)
    poses = []
    rng = np.random.default_rng(0)
    for index in range(count):
        pose = make_pose(STRETCHING if index % 2 else STANDING) if index % 7 else Pose.missing()
        noise = rng.normal(0, 1, pose.points.shape).astype(np.float32)
        poses.append(
            Pose(
                pose.points + noise,
                pose.world,
                pose.visibility,
                pose.presence,
                pose.outline,
                pose.trunk_estimate,
                pose.leg_estimate,
            )
        )
        spool.append(index * 2, index / 30, poses[-1])
    return spool, poses


def test_what_is_read_back_is_the_same_to_the_last_bit(tmp_path):
    count = 2 * CHUNK_FRAMES + 3
    spool, poses = fill(tmp_path / "spool", count)
    with spool:
        chunks = list(spool.chunks())
        spool.save_npz(tmp_path / "landmarks.npz", {"estimator": np.array("test")})
    assert [chunk.leading_shape[0] for chunk in chunks] == [CHUNK_FRAMES, CHUNK_FRAMES, 3]
    frame, time_s, kept = load_landmarks(tmp_path / "landmarks.npz")
    np.testing.assert_array_equal(frame, 2 * np.arange(count))
    np.testing.assert_array_equal(time_s, np.arange(count) / 30)
    together = Pose.stack(poses)
    for name in FIELD_SHAPES:
        np.testing.assert_array_equal(getattr(kept, name), getattr(together, name))
        read = np.concatenate([getattr(chunk, name) for chunk in chunks])
        np.testing.assert_array_equal(read, getattr(together, name))


def test_any_program_that_reads_npz_can_read_it(tmp_path):
    spool, _ = fill(tmp_path / "spool", 5)
    with spool:
        spool.save_npz(tmp_path / "landmarks.npz", {"frame_size": np.array([640, 480])})
    with np.load(tmp_path / "landmarks.npz", allow_pickle=False) as stored:
        assert set(stored.files) == {"frame", "time_s", *FIELD_SHAPES, "frame_size"}
        assert stored["points"].shape == (5, 33, 2)
        assert stored["frame_size"].tolist() == [640, 480]


def test_closing_leaves_nothing_behind(tmp_path):
    spool, _ = fill(tmp_path / "spool", 5)
    spool.close()
    assert list((tmp_path / "spool").iterdir()) == []


def test_no_frames_at_all(tmp_path):
    spool, _ = fill(tmp_path / "spool", 0)
    with spool:
        assert list(spool.chunks()) == []
        spool.save_npz(tmp_path / "landmarks.npz", {})
    assert load_landmarks(tmp_path / "landmarks.npz")[2].points.shape == (0, 33, 2)
