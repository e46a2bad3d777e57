"""Varying crops for training, and the plain crop that the network sees in use."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from models.attributes import AttributeSpec


class _Draw:
    """Random numbers for a batch of `n`, on the batch's device."""

    def __init__(self, n: int, device: torch.device, rng: torch.Generator) -> None:
        self.n, self.device, self.rng = n, device, rng

    def uniform(self, low: float, high: float) -> Tensor:
        """(n,) evenly between `low` and `high`."""
        return torch.rand(self.n, generator=self.rng, device=self.device) * (high - low) + low

    def each(self, low: float, high: float) -> Tensor:
        """As `uniform`, shaped to multiply pictures with: (n, 1, 1, 1)."""
        return self.uniform(low, high).view(-1, 1, 1, 1)

    def happens(self, share: float) -> Tensor:
        """(n,) true for about `share` of the batch."""
        return self.uniform(0, 1) < share

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers."""
        return torch.randn(shape, generator=self.rng, device=self.device)


def augment(batch: Tensor, spec: AttributeSpec, margin: float, rng: torch.Generator) -> Tensor:
    """Random place, size, turn, mirror, light, colour, blur of (N, 3, H, W) 0..1; gives crops of the input's size.

    `rng` must be on the batch's device.
    """
    draw = _Draw(len(batch), batch.device, rng)
    out = _coloured(_lit(_moved(batch, spec, margin, draw), draw), draw)
    out = _coarse(_smeared(out, draw), draw)
    return out + draw.each(0, 0.025) * draw.normal(*out.shape)


def _moved(batch: Tensor, spec: AttributeSpec, margin: float, draw: _Draw) -> Tensor:
    inner = 1 / (1 + margin)
    scale, turn = inner * draw.uniform(0.82, 1.18), torch.deg2rad(draw.uniform(-9, 9))
    flip = torch.where(draw.happens(0.5 if spec.mirrored else 0.0), -1.0, 1.0)
    cos, sin = torch.cos(turn) * scale, torch.sin(turn) * scale
    shift_x, shift_y = draw.uniform(-0.1, 0.1), draw.uniform(-0.1, 0.1)
    theta = torch.stack([torch.stack([cos * flip, -sin, shift_x], 1), torch.stack([sin * flip, cos, shift_y], 1)], 1)
    grid = F.affine_grid(theta, [len(batch), 3, *spec.size], align_corners=False)
    return F.grid_sample(batch, grid, padding_mode="border", align_corners=False)


def _lit(out: Tensor, draw: _Draw) -> Tensor:
    """Gain, gamma and cast; one in eight in dim light, one in eight against a bright haze from one side."""
    gain = torch.where(draw.happens(0.12).view(-1, 1, 1, 1), draw.each(0.35, 0.7), draw.each(0.75, 1.25))
    out = out.clamp(1e-4, 1) ** draw.each(0.75, 1.35) * gain * (1 + 0.08 * draw.normal(draw.n, 3, 1, 1))
    h, w = out.shape[-2:]
    y = torch.linspace(0, 1, h, device=out.device).view(1, 1, h, 1)
    x = torch.linspace(0, 1, w, device=out.device).view(1, 1, 1, w)
    far = (x - draw.each(-0.2, 1.2)) ** 2 + (y - draw.each(-0.3, 0.5)) ** 2
    behind = draw.happens(0.12).view(-1, 1, 1, 1)
    hazy = out * draw.each(0.45, 0.85) + torch.exp(-far / 0.7) * draw.each(0.12, 0.5)
    return torch.where(behind, hazy, out).clamp(0, 1)


def _coloured(out: Tensor, draw: _Draw) -> Tensor:
    """More or less colour; one in twenty has none, as an infrared-lit camera's."""
    grey = out.mean(1, keepdim=True).expand_as(out)
    left = torch.where(draw.happens(0.05).view(-1, 1, 1, 1), torch.zeros_like(draw.each(0, 1)), draw.each(0.6, 1.2))
    return torch.lerp(grey, out, left).clamp(0, 1)


def _smeared(out: Tensor, draw: _Draw) -> Tensor:
    """One in ten as a step or a slow shutter smears it, along a row or a column."""
    picked = draw.happens(0.1)
    if not picked.any():
        return out
    length = 2 * int(draw.uniform(1, 4)[0]) + 1  # odd, so that it smears both ways alike
    kernel = torch.full((3, 1, 1, length), 1 / length, device=out.device, dtype=out.dtype)
    kernel = kernel.transpose(2, 3) if bool(draw.happens(0.5)[0]) else kernel
    smeared = F.conv2d(out[picked], kernel, padding="same", groups=3)
    return out.index_put((picked,), smeared)


def _coarse(out: Tensor, draw: _Draw) -> Tensor:
    """One in four from fewer pixels."""
    picked = draw.happens(0.25)
    if not picked.any():
        return out
    factor, size = float(draw.uniform(0.35, 0.85)[0]), out.shape[-2:]
    low = F.interpolate(out[picked], scale_factor=factor, mode="bilinear", antialias=True)
    return out.index_put((picked,), F.interpolate(low, size=size, mode="bilinear").to(out.dtype))


def plain(batch: Tensor, spec: AttributeSpec, margin: float) -> Tensor:
    """The middle of stored crops at the network's input size: what the network sees in use."""
    inner = 1 / (1 + margin)
    theta = torch.tensor([[inner, 0, 0], [0, inner, 0]], device=batch.device).expand(len(batch), 2, 3)
    grid = F.affine_grid(theta, [len(batch), 3, *spec.size], align_corners=False)
    return F.grid_sample(batch, grid, padding_mode="border", align_corners=False)
