"""The person network's own view of a piece of a picture: its backbone's feature maps, without the detector behind it.

The maps are found by the network's shape and not by names, which every export makes anew: a YOLO upsamples twice on
its way back to fine maps, and each time joins what the backbone had at that size.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.runtime import Network
from vision.errors import WeightsError
from vision.types import Image

Floats = NDArray[np.float32]
UPSAMPLING: Final = ("Interpolate", "Upsample")
PASSED_OVER: Final = ("FakeQuantize", "Convert", "Multiply", "Subtract", "Reshape")
"""What quantisation may put between two layers."""


class Backbone:
    """Two feature maps of a YOLO network's backbone, the finer one first.

    Args:
        path: the network's ``.xml``.
        device, threads: as for `Network`.

    Raises:
        WeightsError: the file is missing, or the network is no YOLO with two upsampling steps.
    """

    def __init__(self, path: Path, device: str = "CPU", threads: int = 0) -> None:
        self._network = Network(path, device, threads, change=backbone)

    def maps(self, picture: Image) -> list[Floats]:
        """The maps (channels, H/8, W/8) and (…, H/16, W/16) of a picture whose sides are multiples of 32."""
        return [output[0] for output in self._network(picture[None])]


def backbone(model: Any) -> Any:
    """An OpenVINO model's part up to the backbone's two finer maps. Raises `WeightsError` where it has none."""
    import openvino as ov

    ups = [op for op in model.get_ordered_ops() if op.get_type_name() in UPSAMPLING]
    if len(ups) != 2:
        raise WeightsError(f"{model.get_friendly_name()}: {len(ups)} upsampling steps, a YOLO detector has 2")
    return ov.Model([_joined(ups[1]), _joined(ups[0])], model.get_parameters(), "backbone")


def _joined(up: Any) -> Any:
    """The output that is joined to what an upsampling step gives."""
    for node, source in _after(up):
        if node.get_type_name() == "Concat":
            return next(
                v for v in (node.input_value(i) for i in range(node.get_input_size())) if v.get_node() != source
            )
    raise WeightsError(f"{up.get_friendly_name()}: nothing is joined to what was upsampled; a YOLO joins its backbone")


def _after(node: Any) -> Iterator[tuple[Any, Any]]:
    """The nodes that take a node's output, each with the one it takes it from; quantisation is passed over."""
    for target in node.output(0).get_target_inputs():
        taker = target.get_node()
        yield taker, node
        if taker.get_type_name() in PASSED_OVER:
            yield from _after(taker)
