"""The networks' fit, on pictures whose answer is painted into them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="fits need the extra 'render': pip install -e '.[render]'")
onnx = pytest.importorskip("onnx", reason="fits need the extra 'render': pip install -e '.[render]'")

import networks  # noqa: E402
from formcoach.pose.estimates import Network  # noqa: E402
from network_data import Samples  # noqa: E402
from network_files import average, export, restore  # noqa: E402
from network_weights import weights_in  # noqa: E402

SIZE = 80


def bars(count, seed=0):
    """Pictures of a white bar whose tilt is the answer; the mask is the bar."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(-40.0, 40.0, count).astype(np.float32)
    image = np.zeros((count, SIZE, SIZE, 4), np.uint8)
    for one, degrees in zip(image, angle, strict=True):
        ahead = 30.0 * np.array([np.sin(np.radians(degrees)), -np.cos(np.radians(degrees))])
        ends = [tuple(int(value) for value in np.round(40.0 + sign * ahead)) for sign in (-1, 1)]
        canvas = np.zeros((SIZE, SIZE), np.uint8)
        cv2.line(canvas, *ends, 255, 9)
        one[:] = canvas[..., None]
    target = np.stack([angle, -0.5 * angle, angle**2 / 40.0, 0.2 * angle], axis=1).astype(np.float32)
    points = np.zeros((count, 5, 2), np.float32)
    points[:, 0] = np.stack([np.sin(np.radians(angle)), np.cos(np.radians(angle))], axis=1)
    cues = np.zeros((count, 12), np.float32)
    person = np.array(["someone"] * count)
    return Samples(
        image, cues, target, points, np.ones(count, np.float32), person, person, np.zeros(count, dtype=np.bool_)
    )


def cycle(epochs, **changes):
    """A cycle for few samples."""
    return networks.Cycle(epochs, batch=64, **changes)


@pytest.fixture(scope="module")
def fitted():
    return networks.fit("leg", bars(768), [cycle(8)])


def test_a_fit_reads_what_the_pixels_say(fitted):
    fresh = bars(128, seed=1)
    value, sigma, likelihood = networks.predict(fitted, fresh)
    assert np.abs(value[:, 0] - fresh.target[:, 0]).mean() < 8.0
    assert np.corrcoef(value[:, 0], fresh.target[:, 0])[0, 1] > 0.9
    assert (sigma > 0).all()
    assert (likelihood > 0.5).mean() > 0.9


@pytest.fixture(scope="module")
def written(fitted, tmp_path_factory):
    path = tmp_path_factory.mktemp("networks") / "leg.onnx"
    export(fitted, path, SIZE, 12)
    return path


def test_opencv_says_what_the_fit_says(fitted, written):
    fresh = bars(4, seed=2)
    value, sigma, likelihood = networks.predict(fitted, fresh)
    shipped = Network(written.read_bytes())
    for row in range(4):
        crop = type("Crop", (), {"image": fresh.image[row], "cues": fresh.cues[row]})
        values, seen = shipped.run(crop)
        assert values[0] == pytest.approx(value[row], abs=1e-2)
        assert values[1] == pytest.approx(sigma[row], abs=1e-2)
        assert seen == pytest.approx(likelihood[row], abs=1e-3)


def blank(name="leg"):
    """A network that knows nothing."""
    layout, shape = networks.LAYOUTS[name], networks.SHAPES[name]
    return networks.Exported(networks.Reader(shape, SIZE, 12, 4, 5, layout.window), torch.zeros(4), torch.ones(4))


def test_a_file_gives_back_the_network_that_was_written(fitted, written):
    restored, fresh = blank(), bars(16, seed=3)
    restore(restored, written)
    for read, expected in zip(networks.predict(restored, fresh), networks.predict(fitted, fresh), strict=True):
        assert read == pytest.approx(expected, abs=1e-2)


def test_a_file_of_another_shape_is_refused(written):
    with pytest.raises(ValueError, match=r"^leg.onnx is a network of another shape: fit a new one$"):
        restore(blank("trunk"), written)


def test_a_file_that_lacks_weights_is_refused(written, tmp_path):
    model = onnx.load(str(written))
    for one in model.graph.initializer:
        if one.name == "reader.judge.1.weight":
            one.name = "onnx::MatMul_9"
    path = tmp_path / "leg.onnx"
    onnx.save(model, str(path))
    with pytest.raises(ValueError, match=r"^leg.onnx is a network of another shape"):
        restore(blank(), path)


def test_the_mean_of_two_networks_has_the_mean_weights(written, tmp_path):
    # Sixty-four pictures and two epochs, so that normalisations differ too.
    after, mean = tmp_path / "after.onnx", tmp_path / "mean.onnx"
    network = networks.fit("leg", bars(64, seed=6), [cycle(2)], start=written)
    export(network, after, SIZE, 12)
    average(network, written, SIZE, 12)
    export(network, mean, SIZE, 12)
    one, other, found = (weights_in(path) for path in (written, after, mean))
    assert len(found) > 20
    for old, new, weights in zip(one, other, found, strict=True):
        assert weights == pytest.approx((old + new) / 2, abs=1e-5)
    assert sum(np.abs(new - old).max() > 1e-3 for old, new in zip(one, other, strict=True)) > 15


def test_a_fit_settles_a_restored_network_first(fitted, written):
    fresh = bars(64, seed=3)
    went_on = networks.fit("leg", bars(256, seed=7), [cycle(1, learning_rate=1e-12)], start=written)
    step = networks.predict(went_on, fresh)[0] - networks.predict(fitted, fresh)[0]
    assert np.abs(step[:, 0]).mean() < 1.0


def test_weights_decay_as_the_cycle_says():
    first, second = (
        networks.fit("leg", bars(64), [cycle(4, weight_decay=decay)]).reader.judge[-1].weight.norm()
        for decay in (0.0, 100.0)
    )
    assert second < 0.9 * first


def test_a_restored_network_does_in_a_fit_what_it_did(fitted, written):
    restored, samples = blank(), bars(256, seed=3)
    restore(restored, written)
    stored = networks.Stored.of(samples)
    networks._settle(restored, stored, networks.LAYOUTS["leg"])
    for read, expected in zip(networks.predict(restored, samples), networks.predict(fitted, samples), strict=True):
        assert read == pytest.approx(expected, abs=1e-2)
    # While it is fitted, each normalisation takes the statistics of what it is given.
    restored.train()
    for module in restored.modules():
        if isinstance(module, torch.nn.Dropout):
            module.eval()
    batch = stored.batch(slice(None))
    with torch.no_grad():
        value = restored(batch.crop, batch.cues)[:, 0].numpy()
    assert np.abs(value - networks.predict(fitted, samples)[0][:, 0]).mean() < 1.0


def test_a_fit_goes_on_from_a_file(written):
    fresh, few = bars(128, seed=4), bars(128, seed=5)
    slow = [cycle(1, learning_rate=1e-4)]
    errors = [
        np.abs(networks.predict(networks.fit("leg", few, slow, start=start), fresh)[0] - fresh.target)[:, 0].mean()
        for start in (None, written)
    ]
    assert errors[1] < 0.5 * errors[0]


def test_the_same_seed_gives_the_same_network():
    first, second = (networks.predict(networks.fit("leg", bars(128), [cycle(1)]), bars(8))[0] for _ in range(2))
    assert np.array_equal(first, second)


def test_a_second_cycle_goes_on_from_the_first():
    fresh = bars(64, seed=4)
    errors = []
    for cycles in ([cycle(3)], [cycle(3), cycle(3, learning_rate=2e-3, rising_share=0.1)]):
        value, _, _ = networks.predict(networks.fit("leg", bars(512), cycles), fresh)
        errors.append(np.abs(value - fresh.target)[:, 0].mean())
    assert errors[1] < 0.9 * errors[0]


@pytest.mark.usefixtures("fitted")
def test_a_fit_leaves_the_arithmetic_of_everything_else_alone():
    assert np.float64(5e-324) * 1.0 > 0.0
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with networks.fast_arithmetic():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("device", "able", "half"),
    [
        ("cpu", {"avx2": True, "avx512_bf16": False, "amx_bf16": False}, False),
        ("cpu", {"avx512_bf16": True}, True),
        ("cpu", {"amx_bf16": True}, True),
        ("cpu", {}, False),
        ("cuda", {}, True),
    ],
)
def test_half_precision_is_left_to_what_computes_in_it(monkeypatch, device, able, half):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert networks.computes_in_half(device) is half


@pytest.mark.parametrize("half", [False, True])
def test_a_fit_looks_as_precisely_as_it_was_told(half):
    reader = networks.Reader(networks.SHAPES["leg"], SIZE, 12, 4, 5, networks.LAYOUTS["leg"].window)
    reader.half_precision = half
    kinds = []
    reader.find.register_forward_hook(lambda _module, _inputs, seen: kinds.append(seen.dtype))
    for training in (True, False):
        reader.train(training)
        reader(torch.zeros(2, 4, SIZE, SIZE), torch.zeros(2, 12))
    assert kinds == [torch.bfloat16 if half else torch.float32, torch.float32]


def test_errors_against_standing_leave_out_what_standing_and_stretching_share():
    error = torch.tensor([[1.0], [3.0], [5.0], [9.0], [7.0], [2.0]])
    series = torch.tensor([4, 4, 4, 0, 0, 2])
    standing = torch.tensor([True, True, False, False, True, False])
    # 5 - (1 + 3) / 2 and 9 - 7; of the last series nobody stands.
    assert networks.from_own_standing(error, series, standing).tolist() == [[3.0], [2.0]]


def test_nobody_standing_is_no_error_against_standing():
    none = networks.from_own_standing(torch.ones(2, 3), torch.tensor([0, 1]), torch.tensor([False, False]))
    assert none.shape == (0, 3)


@pytest.mark.parametrize(("from_standing", "dearer"), [((0, 1), True), ((), False)])
def test_an_error_that_standing_shares_costs_less(from_standing, dearer):
    class Learnt:
        mean, spread = torch.zeros(2), torch.ones(2)

        def __init__(self, errors):
            self.reader = lambda crop, cues: (torch.tensor(errors)[:, None].repeat(1, 2), spread, right, points)

    spread, right, points = torch.zeros(2, 2), torch.zeros(2), torch.zeros(2, 1, 2)
    batch = networks.Batch(
        torch.zeros(2, 4, SIZE, SIZE),
        torch.zeros(2, 12),
        torch.zeros(2, 2),
        points,
        torch.ones(2),
        torch.zeros(2, dtype=torch.int64),
        torch.tensor([True, False]),
    )
    shared, opposite = (
        networks.compute_loss(Learnt(errors), batch, from_standing) for errors in ([1.0, 1.0], [1.0, -1.0])
    )
    assert float(opposite - shared) == pytest.approx(1.9 * networks.CHANGE_WEIGHT if dearer else 0.0)


def test_too_few_crops_are_said_so():
    with pytest.raises(ValueError, match="5 crops are too few for a fit of leg: render more people"):
        networks.fit("leg", bars(5), [cycle(1)])
