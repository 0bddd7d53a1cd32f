"""What the fit of the networks does to crops, held against cutting them so in the first place."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="fits need the extra 'render': pip install -e '.[render]'")

import augmentation  # noqa: E402
from augmentation import LAYOUTS, Batch, Stored, augment, move, recolour, spoil  # noqa: E402
from builders import STRETCHING, make_pose  # noqa: E402
from formcoach.pose.crops import Picture, cut_leg, cut_trunk, lean_deg, place_leg, place_trunk  # noqa: E402
from formcoach.pose.pose import LEG_ESTIMATES, TRUNK_ESTIMATES  # noqa: E402
from network_data import LENGTH_CUE, Samples  # noqa: E402

SIZE = 80
POSE = make_pose(STRETCHING)
# In the middle of a large picture, so that no crop reaches beyond its edge.
POINTS = POSE.points.astype(np.float64) + 400.0
SHIFT, TURN_DEG, GROWTH = (0.06, -0.04), 7.0, 1.1


def smooth_picture():
    """Soft spots that a crop and a crop of a crop show nearly alike."""
    rng = np.random.default_rng(0)
    spots = cv2.GaussianBlur(rng.normal(size=(1300, 1500, 4)).astype(np.float32), (0, 0), 12)
    spots = (spots - spots.min()) / (spots.max() - spots.min())
    return Picture((255.0 * spots[..., :3]).astype(np.uint8), np.ascontiguousarray(spots[..., 3]))


def cut_of(kind):
    """Return a crop's place and how it is cut there."""
    picture = smooth_picture()
    if kind == "trunk":
        return place_trunk(POINTS), lambda frame: cut_trunk(picture, frame, POINTS, POSE.world)
    row = ("left leg", "right leg").index(kind)
    return place_leg(POINTS, row), lambda frame: cut_leg(picture, frame, POINTS, POSE.world, row)


def batch_of(crop, answers, points):
    image = torch.from_numpy(crop.image)[None].permute(0, 3, 1, 2).float() / 255.0
    return Batch(
        image,
        torch.from_numpy(crop.cues)[None],
        torch.tensor([answers]),
        torch.tensor(np.array([points], np.float32)),
        torch.ones(1),
        torch.zeros(1, dtype=torch.int64),
        torch.zeros(1, dtype=torch.bool),
    )


@pytest.mark.parametrize("kind", ["trunk", "left leg", "right leg"])
def test_a_moved_crop_is_what_landmarks_elsewhere_would_have_cut(kind):
    layout, names = (LAYOUTS["trunk"], TRUNK_ESTIMATES) if kind == "trunk" else (LAYOUTS["leg"], LEG_ESTIMATES)
    frame, cut = cut_of(kind)
    elsewhere = frame.moved(*SHIFT, TURN_DEG, GROWTH)
    pixel = np.array([700.0, 600.0, 1.0])
    answers = [10.0 + number for number in range(len(names))]
    before = batch_of(cut(frame), answers, [list(frame.matrix @ pixel)])
    moved = move(
        before, layout, torch.tensor([TURN_DEG]), torch.tensor([GROWTH]), torch.tensor([SHIFT], dtype=torch.float32)
    )
    wanted = cut(elsewhere)
    if kind == "trunk":
        # Landmarks that were elsewhere would give the crop its scale: to that the trunk's length would be as it was.
        wanted.cues[LENGTH_CUE] = before.cues[0, LENGTH_CUE]
    inside = slice(18, -18)  # what comes from beyond the first crop's edge is unknown
    assert (
        np.abs(moved.crop[0].numpy().transpose(1, 2, 0)[inside, inside] - wanted.image[inside, inside] / 255.0).max()
        < 0.04
    )
    assert moved.cues[0].numpy() == pytest.approx(wanted.cues, abs=0.03)
    assert moved.points[0, 0].numpy() == pytest.approx(elsewhere.matrix @ pixel, abs=1e-4)
    turned = lean_deg(elsewhere) - lean_deg(frame)
    assert turned == pytest.approx(TURN_DEG)
    for name, was, now in zip(names, answers, moved.answers[0].tolist(), strict=True):
        assert now == pytest.approx(was - turned if name in ("pelvic_tilt", "trunk_lean") else was, abs=1e-3)


def test_a_crop_that_is_not_moved_stays_as_it_is():
    frame, cut = cut_of("trunk")
    before = batch_of(cut(frame), [1.0] * len(TRUNK_ESTIMATES), [[0.1, 0.2]])
    after = move(before, LAYOUTS["trunk"], torch.zeros(1), torch.ones(1), torch.zeros(1, 2))
    for name in ("crop", "cues", "answers", "points"):
        assert torch.allclose(getattr(after, name), getattr(before, name), atol=1e-4)


def test_what_is_spoilt_has_no_answers_and_is_called_wrong(monkeypatch):
    monkeypatch.setattr(augmentation, "CUT_OFF_SHARE", 0.5)
    torch.manual_seed(0)
    count = 64
    samples = Samples(
        np.full((count, SIZE, SIZE, 4), 128, np.uint8),
        np.zeros((count, 12), np.float32),
        np.ones((count, 4), np.float32),
        np.zeros((count, 5, 2), np.float32),
        np.ones(count, np.float32),
        np.array(["someone"] * count),
        np.array(["someone/0"] * count),
        np.zeros(count, np.bool_),
    )
    batch = augment(Stored.of(samples).batch(slice(None)), LAYOUTS["leg"])
    spoilt = batch.valid == 0.0
    assert 0.2 < spoilt.float().mean() < 0.8
    assert torch.isnan(batch.answers[spoilt]).all()
    assert torch.isfinite(batch.answers[~spoilt]).all()


def test_spoilt_crops_show_nobody_or_are_cut_off():
    torch.manual_seed(0)
    rows = torch.linspace(0.0, 1.0, SIZE)
    crop = torch.ones(400, 4, SIZE, SIZE) * rows[:, None]
    crop[:, 3] = 1.0
    before = crop.clone()
    spoilt = spoil(crop, LAYOUTS["trunk"].cuts)
    assert 0.02 < spoilt.float().mean() < 0.2
    assert torch.equal(crop[~spoilt], before[~spoilt])
    kinds = [how_spoilt(one, rows) for one in crop[spoilt]]
    assert set(kinds) == {"nobody", "from below", "from above"}


def how_spoilt(one, rows):
    """Tell what was done to a crop whose rows grow brighter downwards; a cut one must repeat its last row."""
    column = one[0, :, 0]
    if not torch.equal(one[0], column[:, None].expand(-1, SIZE)):
        return "nobody"
    kept = one[3, :, 0] > 0.5
    assert torch.equal(column[kept], rows[kept])
    assert 0.3 * SIZE < int(kept.sum()) < 0.75 * SIZE
    last = rows[kept].min() if not kept[0] else rows[kept].max()
    assert (column[~kept] == last).all()
    return "from below" if kept[0] else "from above"


def seen_samples(count):
    """Samples of one network that look like noise and whose answers are all 10."""
    rng = np.random.default_rng(0)
    return Samples(
        rng.integers(0, 255, (count, SIZE, SIZE, 4), dtype=np.uint8),
        np.zeros((count, 16), np.float32),
        np.full((count, len(TRUNK_ESTIMATES)), 10.0, np.float32),
        np.zeros((count, 5, 2), np.float32),
        np.ones(count, np.float32),
        np.array(["someone"] * count),
        np.array([f"someone/{number % 3}" for number in range(count)]),
        np.arange(count) < 3,
    )


def test_crops_of_a_fit_are_moved_and_recoloured():
    torch.manual_seed(0)
    stored = Stored.of(seen_samples(64))
    before, after = stored.batch(slice(None)), augment(stored.batch(slice(None)), LAYOUTS["trunk"])
    kept = after.valid > 0.5
    tilt, lumbar = (TRUNK_ESTIMATES.index(name) for name in ("pelvic_tilt", "lumbar_flexion"))
    assert 2.0 < after.answers[kept, tilt].std() < 8.0
    assert (after.answers[kept, lumbar] == 10.0).all()
    still = kept & (after.answers[:, tilt] == 10.0)  # a fifth is not moved
    assert 0 < still.sum() < 32
    for number in torch.nonzero(still)[:, 0]:
        assert not torch.allclose(after.crop[number, :3], before.crop[number, :3], atol=0.02)


def test_other_colours_leave_the_mask_to_its_smoothing():
    torch.manual_seed(0)
    masks = set()
    for _ in range(40):
        crop = torch.rand(4, 4, SIZE, SIZE)
        crop[:, 3] = 0.0
        crop[:, 3, 20:60, 20:60] = 1.0
        before = crop.clone()
        recolour(crop)
        assert (crop[:, :3] - before[:, :3]).abs().mean() > 0.01
        masks.add(float((crop[:, 3] - before[:, 3]).abs().sum()))
    assert masks == {0.0, 4 * 4 * 3.0}  # a smoothed square only loses three pixels at each corner


def test_stored_samples_come_in_the_order_asked_for():
    samples = seen_samples(5)
    batch = Stored.of(samples).batch(torch.tensor([3, 1]))
    assert batch.crop.shape == (2, 4, SIZE, SIZE)
    assert batch.crop[1].permute(1, 2, 0).numpy() == pytest.approx(samples.image[1] / 255.0, abs=1e-6)
    assert batch.standing.tolist() == [False, True]


def test_an_epoch_sees_everything_once_and_series_behind_each_other():
    stored = Stored.of(seen_samples(12))
    torch.manual_seed(0)
    orders = [stored.shuffle() for _ in range(20)]
    assert all(order.sort().values.tolist() == list(range(12)) for order in orders)
    series = {tuple(stored.series[order].tolist()) for order in orders}
    assert len(series) == 6  # three series in any order
    assert all(sorted({one[:4], one[4:8], one[8:]}) == [(0,) * 4, (1,) * 4, (2,) * 4] for one in series)
    assert len({tuple(order.tolist()) for order in orders}) == 20
