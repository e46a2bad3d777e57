"""Training, exporting and the data that is trained on: really done, on very little."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from models.attributes import SPECS, AttributeNetwork, Calibration
from models.clothing import CLASSES, SIZE
from models.runtime import Network, window
from models.training import clothing_data
from models.training import street as street_photos
from models.training.crop_table import MISSING, Crops, joined
from models.training.street import codes, part_of
from tests.figures import texture, upright
from vision.types import Box

FEET = SPECS["feet"]
MARGIN = 0.25


def crops(n: int = 16, seed: int = 0) -> Crops:
    """Random pictures, the light ones with sneakers and the dark ones with leather shoes; some labels are missing."""
    rng = np.random.default_rng(seed)
    height, width = (round(side * (1 + MARGIN)) for side in FEET.size)
    pictures = rng.integers(0, 256, (n, height, width, 3), dtype=np.uint8)
    targets = np.stack([rng.integers(-1, len(values), n) for values in FEET.heads.values()], axis=1)
    kind = np.arange(n) % 2
    targets[:, 0] = np.array([FEET.heads["shoe"].index("leather"), FEET.heads["shoe"].index("sneaker")])[kind]
    pictures = (pictures // 4 + (kind * 150).astype(np.uint8)[:, None, None, None]).astype(np.uint8)
    return Crops(pictures, targets.astype(np.int64), [str(i) for i in range(n)])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, list[str], Path]:
    """A network trained for one epoch from random weights, what training said, and a folder for its export."""
    pytest.importorskip("ultralytics")
    from models.training.attributes import train
    from models.training.batches import Recipe

    folder = tmp_path_factory.mktemp("training")
    said: list[str] = []
    recipe = Recipe(epochs=1, batch=8, variants=1, margin=MARGIN)
    return train("feet", crops(), None, recipe, said.append), said, folder


@pytest.mark.train
def test_an_epoch_of_training_gives_a_network(trained: tuple[Any, list[str], Path]) -> None:
    from models.training.attributes import accuracy, predict

    net, said, _ = trained
    assert "16 crops are ready" in said[0]
    assert "epoch 1/1" in said[1]
    assert np.isfinite(float(said[1].rsplit(" ", 1)[1]))
    assert not net.training
    found = predict(net, crops(), FEET, MARGIN, batch=5)
    assert {head: v.shape for head, v in found.items()} == {h: (16, len(v)) for h, v in FEET.heads.items()}
    rows = accuracy(found, crops(), FEET)
    assert rows["shoe"]["n"] == 16
    assert rows["leg"]["n"] == (crops().targets[:, 3] != MISSING).sum() < 16


def test_a_second_look_goes_where_the_crops_go() -> None:
    once = crops(4)
    assert once.looks[1] is once.targets
    twice = Crops(once.pictures, once.targets, once.keys, once.targets + 1)
    both = joined(once, twice).part(np.array([0, 7]))
    assert both.looks[1].tolist() == [once.targets[0].tolist(), (once.targets[3] + 1).tolist()]


@pytest.mark.train
def test_both_looks_are_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    from models.training import attribute_loss, attributes
    from models.training.batches import Recipe

    seen, losses = list[int](), list[float]()
    real = attribute_loss.loss_of

    def spy(logits: Any, targets: Any, *rest: Any) -> Any:
        seen.append(int(targets[:, 0].unique()))
        return real(logits, targets, *rest)

    monkeypatch.setattr(attribute_loss, "loss_of", spy)
    table = crops(8)
    table.targets[:, 0] = 2
    table.second = table.targets.copy()
    table.second[:, 0] = 5
    recipe = Recipe(epochs=1, batch=8, variants=1, margin=MARGIN)
    attributes.train("feet", table, None, recipe, lambda _: None, losses=losses)
    assert seen == [2, 5]
    assert np.isfinite(losses).all()  # though the first look saw nothing of what the second did


def test_second_labels_are_of_the_street_photos_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "labels.csv").write_text("id,split,shoe,bare\n0001,train,boot,u\n0002,train,u,u\n0003,val,heel,u\n")
    for key in ("0001", "0002", "0003"):
        cv2.imwrite(str(tmp_path / "images" / f"{key}.webp"), texture(40, 60))
    poses = dict.fromkeys(("0001", "0002", "0003"), upright(0.1))
    told = {"0001": {"shoe": "sneaker"}, "0003": {"leg": "skin"}, "0009": {"shoe": "heel"}}
    monkeypatch.setattr(street_photos, "again", lambda: told)
    first, second = street_photos.load(street_photos.street(tmp_path, poses), "feet", FEET, MARGIN).looks
    shoe, leg = (list(FEET.heads).index(name) for name in ("shoe", "leg"))
    kinds = FEET.heads["shoe"]
    assert (first[0, shoe], second[0, shoe]) == (kinds.index("boot"), kinds.index("sneaker"))
    assert (first[1, shoe], second[1, shoe]) == (kinds.index("heel"), kinds.index("heel"))  # not looked at again
    assert (first[1, leg], second[1, leg]) == (MISSING, FEET.heads["leg"].index("skin"))
    told |= {f"{n}": {} for n in range(10)}  # labels of other pictures, mostly
    first, second = street_photos.load(street_photos.street(tmp_path, poses), "feet", FEET, MARGIN).looks
    assert np.array_equal(first, second)


def test_an_earring_stays_one_under_hair_that_the_second_look_found_to_cover_the_ears(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "labels.csv").write_text("id,split,ears,earrings,bare\n0001,train,open,y,u\n0002,train,open,u,u\n")
    told = {"0001": {"ears": "covered"}, "0002": {"ears": "covered"}}
    monkeypatch.setattr(street_photos, "again", lambda: told)
    people = street_photos.street(tmp_path, dict.fromkeys(told, upright(0.1)))
    assert [item.again["earrings"] for item in people] == ["y", "n"]


def lively(net: Any) -> None:
    """Lets a network's answers depend more on the picture than they do after an epoch: louder heads."""
    import torch

    with torch.no_grad():
        for head in net.out:
            head.weight.mul_(10)


def probabilities(
    logits: np.ndarray[Any, Any], temperature: float = 1.0, bias: Sequence[float] = (0.0,) * 8
) -> np.ndarray[Any, Any]:
    """The softmax of the first head, the shoe."""
    z = logits[:, : len(FEET.heads["shoe"])] / temperature + np.array(bias)
    weights = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


@pytest.mark.train
def test_the_export_says_what_the_network_says(trained: tuple[Any, list[str], Path]) -> None:
    import torch

    from models.training.batches import as_tensor
    from models.training.publish import export_attributes

    net, _, folder = trained
    image = texture(500, 600, patch=10, seed=3)
    image[:, 300:] = cv2.applyColorMap(image[:, 300:], cv2.COLORMAP_JET)  # colours, lest channels be swapped unseen
    boxes = [Box(50, 60, 300, 260), Box(250, 200, 600, 480), Box(-40, 300, 120, 560)]
    views = np.stack([window(image, box, *FEET.size) for box in boxes])
    lively(net)
    with torch.inference_mode():
        logits = net(as_tensor(views)).numpy()
        swapped = net(as_tensor(np.ascontiguousarray(views[..., ::-1]))).numpy()
    assert np.abs(logits - swapped).max() > 0.2  # a channel mix-up would be seen
    network = Network(export_attributes("feet", net, folder), threads=1)
    for temperature, bias in ((1.0, [0.0] * 8), (2.0, [0.0] * 8), (2.0, [1.0, -0.5, 0.0, 0.3, 0.0, 0.0, 0.0, -1.0])):
        found = AttributeNetwork(network, FEET, Calibration({"shoe": temperature}, {"shoe": bias})).read(views)
        for row, expected in zip(found, probabilities(logits, temperature, bias), strict=True):
            assert list(row) == list(FEET.heads)
            assert list(row["shoe"]) == list(FEET.heads["shoe"])
            assert list(row["shoe"].values()) == pytest.approx(expected, abs=2e-2)
    single = AttributeNetwork(network, FEET).read(views[1:2])[0]
    together = AttributeNetwork(network, FEET).read(views)[1]
    for head in FEET.heads:
        assert single[head] == pytest.approx(together[head], abs=2e-2)


@pytest.mark.train
def test_missing_labels_teach_nothing() -> None:
    pytest.importorskip("torch")
    import torch

    from models.training.attribute_loss import class_weights, loss_of

    known = crops().targets
    weights = class_weights(known, FEET)
    logits = torch.randn(16, sum(len(v) for v in FEET.heads.values()), generator=torch.Generator().manual_seed(0))
    logits.requires_grad_(True)
    targets = torch.full_like(torch.from_numpy(known), MISSING)
    assert float(loss_of(logits, targets, weights, FEET).detach()) == 0
    targets[0, 1] = 2
    loss_of(logits, targets, weights, FEET).backward()
    touched = logits.grad.abs() > 0  # type: ignore[union-attr]
    assert touched[0, 8:12].all()
    assert int(touched.sum()) == 4


@pytest.mark.train
def test_rare_values_weigh_more() -> None:
    pytest.importorskip("torch")
    from models.training.attribute_loss import class_weights

    targets = np.full((120, len(FEET.heads)), MISSING, np.int64)
    targets[:100, 2], targets[100:, 2] = 0, 1
    platform = class_weights(targets, FEET)[2].numpy()
    assert platform[1] / platform[0] == pytest.approx((100 / 20) ** 0.4, rel=1e-3)
    assert (platform * (100, 20)).sum() / 120 == pytest.approx(1)


@pytest.mark.train
def test_augmented_crops_are_varied_and_plain_ones_are_the_middle() -> None:
    pytest.importorskip("torch")
    import torch

    from models.training.augment import augment, plain
    from models.training.batches import as_tensor

    batch = as_tensor(crops(4).pictures)
    one = augment(batch, FEET, MARGIN, torch.Generator().manual_seed(1))
    again = augment(batch, FEET, MARGIN, torch.Generator().manual_seed(1))
    other = augment(batch, FEET, MARGIN, torch.Generator().manual_seed(2))
    assert one.shape == (4, 3, *FEET.size)
    assert torch.equal(one, again)
    assert float((one - other).abs().mean()) > 0.02
    smooth = np.zeros((1, 240, 320, 3), np.uint8)
    smooth[:, 24:-24, 32:-32] = 200  # exactly the part without the margin
    middle = plain(as_tensor(smooth), FEET, MARGIN)
    assert middle.shape == (1, 3, *FEET.size)
    assert float((middle[..., 1:-1, 1:-1] - 200 / 255).abs().max()) < 1e-3


def body_mask() -> np.ndarray[Any, Any]:
    """A grouped mask: a dress in two parts, two shoes, a speck of a hat."""
    mask = np.zeros(SIZE, np.uint8)
    dress, shoe, hat = (CLASSES.index(name) + 1 for name in ("dress", "shoe", "hat"))
    mask[100:200, 80:180] = dress
    mask[220:300, 80:180] = dress  # below a belt
    mask[400:430, 80:110] = mask[400:430, 150:180] = shoe
    mask[20:22, 100:102] = hat
    return mask


def test_instances_of_a_mask() -> None:
    found = [(CLASSES[label], len(outlines)) for label, outlines in clothing_data.instances(body_mask())]
    assert found == [("dress", 2), ("shoe", 1), ("shoe", 1)]


@pytest.mark.train
def test_label_rows_draw_the_mask_again() -> None:
    pytest.importorskip("ultralytics")
    mask = body_mask()
    rows = [row.split() for row in clothing_data.label_rows(mask, SIZE[1], 2 * SIZE[1])]
    assert [CLASSES[int(row[0])] for row in rows] == ["dress", "shoe", "shoe"]
    drawn = np.zeros((SIZE[0], 2 * SIZE[1]), np.uint8)
    for row in rows:
        points = np.array(row[1:], np.float64).reshape(-1, 2)
        assert points.min() >= 0
        assert points.max() <= 1
        outline = np.round(points * [2 * SIZE[1], SIZE[0]]).astype(np.int32)
        cv2.fillPoly(drawn, [outline], (int(row[0]) + 1,))
    assert not drawn[:, : SIZE[1]].any()  # all of it in the right half of the tile
    right, large = drawn[:, SIZE[1] :], np.where(mask == CLASSES.index("hat") + 1, 0, mask)
    assert float((right == large).mean()) > 0.99
    common = ((right > 0) & (large > 0)).sum() / ((right > 0) | (large > 0)).sum()
    assert common > 0.93


def test_grouping_knows_every_name_and_nothing_else() -> None:
    names = ["null", "accessories", *(n for group in clothing_data.MASK_CLASSES.values() for n in group)]
    assert len(names) == len(set(names))
    mask = np.arange(len(names), dtype=np.uint8)[None]
    found = clothing_data.grouped(mask, names)[0]
    assert found[:2].tolist() == [0, 0]
    for i, name in enumerate(names[2:], start=2):
        assert name in clothing_data.MASK_CLASSES[CLASSES[found[i] - 1]]
    assert set(found[2:].tolist()) == set(range(1, len(CLASSES) + 1))


@pytest.mark.shared
def test_grouping_knows_the_data(shared: Path) -> None:
    lines = (shared / "data" / "street" / "mask_classes.txt").read_text().splitlines()
    names = [line.split(maxsplit=1)[1] for line in lines if line]
    assert [int(line.split()[0]) for line in lines if line] == list(range(len(names)))
    clothing_data.grouped(np.zeros((2, 2), np.uint8), names)  # a missing name would raise


def test_fitted_keeps_picture_and_mask_together() -> None:
    mask, image = np.zeros((400, 300), np.uint8), np.zeros((400, 300, 3), np.uint8)
    mask[100:300, 100:160], image[100:300, 100:160] = 3, 200
    picture, labels = clothing_data.fitted(image, mask, Box(50, 60, 250, 340))
    assert picture.shape == (*SIZE, 3)
    assert labels.shape == SIZE
    assert float(((picture[..., 0] > 150) == (labels == 3)).mean()) > 0.99


@pytest.mark.parametrize("loose", [False, True])
def test_windows_stay_in_the_picture(loose: bool) -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        part = clothing_data.window_of(Box(20, 10, 180, 390), rng, (400, 200, 3), loose)
        assert 0 <= part.x1 < part.x2 <= 200
        assert 0 <= part.y1 < part.y2 <= 400
        assert part.iou(Box(20, 10, 180, 390)) > (0.2 if loose else 0.8)


def test_codes_of_a_row() -> None:
    row = {"id": "7", "shoe": "boot", "belt": "u", "tie": "", "platform": "1", "bottom": "hidden"}
    found = codes(row | {"bare": "midriff+sheer"})
    assert found["shoe"] == "boot"
    assert found["platform"] == "y"
    assert found["bottom"] == "other"
    assert not {"belt", "tie"} & set(found)
    parts = {part: found[f"bare_{part}"] for part in ("midriff", "lowneck", "shoulder", "back", "sheer")}
    assert parts == {"midriff": "y", "lowneck": "n", "shoulder": "n", "back": "n", "sheer": "y"}
    assert {v for k, v in codes(row | {"bare": "none"}).items() if k.startswith("bare_")} == {"n"}
    assert not [k for k in codes(row | {"bare": "u", "platform": "u"}) if k.startswith(("bare", "platform"))]


def test_the_parts_of_the_data() -> None:
    parts = {str(i): part_of(str(i), "train") for i in range(2000)}
    share = sum(p == "calibration" for p in parts.values()) / len(parts)
    assert share == pytest.approx(1 / 7, abs=0.01)
    assert set(parts.values()) == {"train", "calibration"}
    assert all(len({parts[str(i + j)] for j in range(4)}) == 1 for i in range(0, 2000, 4))
    assert part_of("12", "val") == part_of("1", "val") == "val"  # 12 would be for calibration
    assert part_of("12", "train") == "calibration"


@pytest.mark.train
@pytest.mark.parametrize(
    ("metrics", "derived"),
    [
        ({"network": "arms", "recipe": {"trunk": "lite0", "teachers": ["lite0"]}}, False),
        ({"network": "arms", "recipe": {"trunk": "lite0", "teachers": ["yolo11n", "lite0"]}}, True),
        ({"network": "head", "recipe": {"trunk": "lite0", "teachers": ["lite0"]}, "earlier": True}, True),
        ({"network": "side", "recipe": {"trunk": "lite0", "teachers": []}}, False),
        ({"network": "badge", "recipe": {"epochs": 13}}, True),
        ({"network": "person"}, True),
    ],
)
def test_the_licence_names_ultralytics_where_something_was_learned_from_there(
    metrics: dict[str, Any], derived: bool
) -> None:
    pytest.importorskip("torch")
    from models.training.publish import licence

    assert ("ultralytics" in licence(metrics)) is derived
