"""Networks that take a batch in slices, for want of memory."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from engine.deep.spiking import Spiking
from engine.errors import DataError


class InSlices(nn.Module):
    """``module`` on slices of at most ``size`` samples of a batch [T, B, ...], one after another.

    The result, [T, B, ...] too, and its gradients are those of the whole batch.  What is needed for
    a moment only (currents, spikes between layers, their gradients) is needed for one slice at a
    time, forward and backward, and is found in the processor's caches more often; what backward
    keeps stays.  The samples must not depend on each other: raises `DataError` in a call where
    batches are normalised or where the state of a layer goes on from call to call.
    """

    def __init__(self, module: nn.Module, size: int) -> None:
        super().__init__()
        if size < 1:
            raise DataError(f"a slice cannot have {size} samples; give 1 or more")
        self.module, self.size = module, size

    def forward(self, x: Tensor) -> Tensor:
        """The module's results side by side."""
        for name, part in self.module.named_modules():
            if isinstance(part, _BatchNorm) and part.training:
                raise DataError(f"layer `{name}` mixes the samples of a batch; take whole batches")
            if isinstance(part, Spiking) and part.step_mode == "s":
                raise DataError(f'layer `{name}` goes on from call to call; use step mode "m"')
        return torch.cat([self.module(part) for part in x.split(self.size, dim=1)], dim=1)
