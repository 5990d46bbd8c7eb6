"""The same network and training step in plain PyTorch, to compare the speed with; its modules are named as the reference's are.

Not a second implementation to use: no data, no checkpoints. PyTorch is no dependency; this file is imported where it is there.
"""

from collections.abc import Sequence
from typing import Any

import torch  # type: ignore[import-not-found]
from torch import nn  # type: ignore[import-not-found]
from torch.nn import functional  # type: ignore[import-not-found]


def norm(channels: int) -> nn.BatchNorm2d:
    """PyTorch's momentum is the share of the new value."""
    return nn.BatchNorm2d(channels, eps=1e-5, momentum=0.1)


class Bottleneck(nn.Module):
    """See `lapx_tf.models.layers.Bottleneck`."""

    def __init__(self, inputs: int, inner: int, gated: bool = False) -> None:
        super().__init__()
        self.bn1, self.bn2, self.bn3 = norm(inputs), norm(inner), norm(inner)
        self.pw_conv1 = nn.Conv2d(inputs, inner, 1, bias=False)
        self.dw_conv = nn.Conv2d(inner, inner, 3, padding=1, groups=inner, bias=False)
        self.pw_conv2 = nn.Conv2d(inner, 2 * inner, 1)
        self.downsample = nn.Sequential(nn.Conv2d(inputs, 2 * inner, 1)) if inputs != 2 * inner else None
        self.alpha = nn.Parameter(torch.zeros(1, 2 * inner, 1, 1)) if gated else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B, inputs, H, W] -> [B, 2 * inner, H, W]."""
        y = self.pw_conv1(functional.elu(self.bn1(x)))
        y = self.dw_conv(functional.elu(self.bn2(y)))
        y = self.pw_conv2(functional.elu(self.bn3(y)))
        residual = x if self.downsample is None else self.downsample(x)
        return y + (residual if self.alpha is None else residual * self.alpha)


class ECA(nn.Module):
    """See `lapx_tf.models.layers.ECA`."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 7, padding=3, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B, C, H, W] -> the same shape."""
        pooled = x.mean((2, 3)) + x.amax((2, 3))
        return x * torch.sigmoid(self.conv(pooled[:, None]))[:, 0, :, None, None]


class ECACBAM(nn.Module):
    """See `lapx_tf.models.layers.ECACBAM`."""

    def __init__(self) -> None:
        super().__init__()
        self.channel_attention = ECA()
        self.spatial_conv = nn.Conv2d(2, 1, 7, padding=3, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B, C, H, W] -> the same shape."""
        x = self.channel_attention(x)
        maps = torch.cat([x.amax(1, keepdim=True), x.mean(1, keepdim=True)], 1)
        return x * torch.sigmoid(self.spatial_conv(maps))


class NonLocal(nn.Module):
    """See `lapx_tf.models.layers.NonLocal`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = max(channels // 8, 1)
        self.theta, self.phi, self.g = (nn.Conv2d(channels, inner, 1) for _ in range(3))
        self.out_proj = nn.Conv2d(inner, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B, C, H, W] -> the same shape."""
        theta, phi, g = (conv(x).flatten(2) for conv in (self.theta, self.phi, self.g))
        attention = torch.softmax(theta.transpose(1, 2) @ phi, -1)
        y = (attention @ g.transpose(1, 2)).transpose(1, 2)
        return x + self.gamma * self.out_proj(y.reshape(len(x), -1, *x.shape[2:]))


class ECANonLocal(nn.Module):
    """See `lapx_tf.models.layers.ECANonLocal`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channel_attention, self.position_attention = ECA(), NonLocal(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B, C, H, W] -> the same shape."""
        return self.position_attention(self.channel_attention(x))


class Hourglass(nn.Module):
    """See `lapx_tf.models.hourglass.Hourglass`; level 0 is the deepest."""

    def __init__(self, channels: int, depth: int, nonlocal_attention: bool) -> None:
        super().__init__()

        def block() -> nn.Sequential:
            return nn.Sequential(Bottleneck(channels, channels // 2, gated=True))

        self.hg = nn.ModuleList(nn.ModuleList(block() for _ in range(4 if level == 0 else 3)) for level in range(depth))
        self.attention = ECANonLocal(channels) if nonlocal_attention else ECA()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B, channels, H, W] -> the same shape."""
        return self._level(x, len(self.hg) - 1)

    def _level(self, x: torch.Tensor, level: int) -> torch.Tensor:
        blocks: Any = self.hg[level]
        low = blocks[1](functional.max_pool2d(x, 2, ceil_mode=True))
        low = self._level(low, level - 1) if level else self.attention(blocks[3](low))
        up = functional.interpolate(blocks[2](low), scale_factor=2.0, mode="nearest")
        return blocks[0](x) + up[:, :, : x.shape[2], : x.shape[3]]


class ConvNorm(nn.Module):
    """A 1x1 convolution, with a normalisation and ELU or without."""

    def __init__(self, channels: int, normalized: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 1, bias=not normalized)
        self.bn = norm(channels) if normalized else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B, channels, H, W] -> the same shape."""
        return self.conv(x) if self.bn is None else functional.elu(self.bn(self.conv(x)))


class TorchLAPX(nn.Module):
    """See `lapx_tf.LAPX`; it gives the heat maps of each stack."""

    def __init__(self, width: int, stacks: int, depth: int, nonlocal_stacks: Sequence[int], joints: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width // 4, 7, 2, 3, bias=False)
        self.bn1 = norm(width // 4)
        self.layer1 = nn.Sequential(Bottleneck(width // 4, width // 4))
        self.layer2 = nn.Sequential(Bottleneck(width // 2, width // 4))
        self.layer3 = nn.Sequential(Bottleneck(width // 2, width // 2))
        self.stem_attention = ECACBAM()
        numbers = range(1, stacks + 1)
        self.hg = nn.ModuleList(Hourglass(width, depth, number in nonlocal_stacks) for number in numbers)
        self.res = nn.ModuleList(nn.Sequential(Bottleneck(width, width // 2)) for _ in numbers)
        self.fc = nn.ModuleList(ConvNorm(width, normalized=True) for _ in numbers)
        self.backbone_attention = nn.ModuleList(ECACBAM() for _ in numbers)
        self.score = nn.ModuleList(nn.Conv2d(width, joints, 1) for _ in numbers)
        self.fc_ = nn.ModuleList(ConvNorm(width, normalized=False) for _ in numbers[1:])
        self.score_ = nn.ModuleList(nn.Conv2d(joints, width, 1) for _ in numbers[1:])

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        """[B, 3, H, W] -> S times [B, K, H / 4, W / 4]."""
        x = functional.elu(self.bn1(self.conv1(images)))
        x = functional.max_pool2d(self.layer1(x), 2, ceil_mode=True)
        x = self.stem_attention(self.layer3(self.layer2(x)))
        heatmaps = []
        for i, hourglass in enumerate(self.hg):
            y = self.backbone_attention[i](self.fc[i](self.res[i](hourglass(x))))
            heatmaps.append(self.score[i](y))
            if i < len(self.fc_):
                x = x + self.fc_[i](y) + self.score_[i](heatmaps[-1])
        return heatmaps


def loss(heatmaps: Sequence[torch.Tensor], joints: torch.Tensor, size: tuple[int, int], sigma: float) -> torch.Tensor:
    """See `lapx_tf.HeatmapLoss`.

    Args:
        heatmaps: S times [B, K, h, w].
        joints: [B, K, 3] (x, y, weight), pixels of the heat map.
        size: (h, w).
        sigma: of the target Gaussians, in pixels of the heat map.
    """
    x, y, weight = (part[..., None, None] for part in joints.unbind(-1))
    columns, rows = torch.arange(size[1]), torch.arange(size[0])[:, None]
    target = torch.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))
    return torch.stack([(weight * (one - target) ** 2).mean() for one in heatmaps]).sum()
