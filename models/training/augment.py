"""Varying crops for training, and the plain crop that the network sees in use."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from models.attributes import AttributeSpec


def augment(batch: Tensor, spec: AttributeSpec, margin: float, rng: torch.Generator) -> Tensor:
    """Random place, size, turn, mirror, light, colour, blur of (N, 3, H, W) 0..1; gives crops of the input's size."""
    n = len(batch)

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(n, generator=rng) * (high - low) + low

    inner = 1 / (1 + margin)
    scale, turn = inner * uniform(0.82, 1.18), torch.deg2rad(uniform(-9, 9))
    flip = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    cos, sin = torch.cos(turn) * scale, torch.sin(turn) * scale
    shift_x, shift_y = uniform(-0.1, 0.1), uniform(-0.1, 0.1)
    theta = torch.stack([torch.stack([cos * flip, -sin, shift_x], 1), torch.stack([sin * flip, cos, shift_y], 1)], 1)
    grid = F.affine_grid(theta, [n, 3, *spec.size], align_corners=False)
    out = F.grid_sample(batch, grid, padding_mode="border", align_corners=False)
    gain, gamma = uniform(0.75, 1.25).view(n, 1, 1, 1), uniform(0.75, 1.35).view(n, 1, 1, 1)
    out = (out.clamp(1e-4, 1) ** gamma * gain * (1 + 0.08 * torch.randn(n, 3, 1, 1, generator=rng))).clamp(0, 1)
    grey = out.mean(1, keepdim=True)
    out = torch.lerp(grey.expand_as(out), out, uniform(0.6, 1.2).view(n, 1, 1, 1)).clamp(0, 1)
    small = uniform(0, 1) < 0.25
    if small.any():
        factor = float(torch.rand((), generator=rng) * 0.5 + 0.35)
        low = F.interpolate(out[small], scale_factor=factor, mode="bilinear", antialias=True)
        out[small] = F.interpolate(low, size=spec.size, mode="bilinear")
    return out + 0.015 * torch.randn(out.shape, generator=rng)


def plain(batch: Tensor, spec: AttributeSpec, margin: float) -> Tensor:
    """The middle of stored crops at the network's input size: what the network sees in use."""
    inner = 1 / (1 + margin)
    theta = torch.tensor([[inner, 0, 0], [0, inner, 0]]).expand(len(batch), 2, 3)
    grid = F.affine_grid(theta, [len(batch), 3, *spec.size], align_corners=False)
    return F.grid_sample(batch, grid, padding_mode="border", align_corners=False)
