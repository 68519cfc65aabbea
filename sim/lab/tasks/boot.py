"""How the tasks of the lesson on boot are judged: None for a right answer, else what to think of."""

from __future__ import annotations

from ...boot.hardware import Kernel
from ...boot.machine import Machine, play
from ...boot.memory import Part
from ..questions.question import Both

CONTAINERS = 3


def saved(answer: object) -> Both | None:
    """`answer` is how many bytes of kernel one host spares against as many machines as it has containers."""
    stays = Kernel().stays
    if answer == (CONTAINERS - 1) * stays:
        return None
    if answer == CONTAINERS * stays:
        return (
            "The host needs a kernel as well: the one that serves all three.",
            "主机自己也要一个内核：就是为三个容器服务的那一个。",
        )
    return (
        "Three machines run three kernels, a host with three containers one. A kernel keeps `kernel.stays` bytes.",
        "三台机器运行三个内核，一台带三个容器的主机只有一个。一个内核常驻 `kernel.stays` 字节。",
    )


def freed(answer: object) -> Both | None:
    """`answer` is how many bytes a boot frees again until the machine is up."""
    boot = play(Machine())
    regions = [region for frame in boot.frames for region in frame.freed]
    if answer == sum(region.size for region in regions):
        return None
    if answer == sum(region.size for region in regions if region.part in (Part.INITRD, Part.INITMEM)):
        return (
            "Those are the two that the kernel prints as freed. The bootloader, the compressed kernel and the "
            "initramfs's files are gone as well.",
            "这是内核打印出来的两项。引导程序、压缩的内核和 initramfs 的文件也都没了。",
        )
    if answer == boot.now.memory.used:
        return "That is what is still in use.", "这是仍在使用的内存。"
    return (
        "Add up `region.size` of every region in `frame.freed`, over all `boot.frames`.",
        "把所有 `boot.frames` 里 `frame.freed` 的每个区域的 `region.size` 加起来。",
    )
