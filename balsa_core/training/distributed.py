"""The processes of a run: who am I, how many are we, and sums over all of us.

Only the adapter has gradients (22M numbers against 8B frozen ones), so one all-reduce of one flat vector a step does
what DDP does, and the loss and the token count ride along in it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn import Parameter

from balsa_core.training.batches import Counts


class World(NamedTuple):
    """This process and how many there are."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes the files."""
        return self.rank == 0


def join_world(expected_size: int) -> World:
    """Meet the other processes that torchrun started; RuntimeError when they are not as many as asked for."""
    on_gpu = torch.cuda.is_available()
    dist.init_process_group("nccl" if on_gpu else "gloo")
    if on_gpu:
        torch.cuda.set_device(dist.get_rank() % torch.cuda.device_count())
    world = World(dist.get_rank(), dist.get_world_size())
    if world.size != expected_size:
        leave_world()
        raise RuntimeError(f"{world.size} processes were started, the run is configured for {expected_size}")
    return world


def leave_world() -> None:
    """Part from the other processes."""
    dist.destroy_process_group()


def sum_over_world(world: World, parameters: Sequence[Parameter], loss: Tensor, counts: Counts) -> tuple[float, Counts]:
    """Add up the gradients of all processes in place, and the loss and the counts, which are returned."""
    told = torch.tensor([0.0, *counts], dtype=torch.float64, device=loss.device)
    told[0] = loss.detach()
    if world.size > 1:
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        dist.all_reduce(told)
        for gradient, part in zip(gradients, flat.split([gradient.numel() for gradient in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))
    loss_sum, *summed = told.tolist()
    return loss_sum, Counts(*summed)


def wait_for_all(world: World) -> None:
    """Return when every process is here."""
    if world.size > 1:
        dist.barrier()
