"""The sentences of the lesson on boot, in English and Chinese; `text.CATALOGUE` takes them in.

What the boot model itself says is in `texts/boot_model.py`.
"""

from __future__ import annotations

BOOT_STRINGS: dict[str, tuple[str, str]] = {
    "band.firmware": ("firmware", "固件"),
    "band.loader": ("GRUB reads /boot", "GRUB 读 /boot"),
    "band.unpack": ("kernel handed over and unpacked", "移交并解压内核"),
    "band.kernel": ("kernel starts", "内核启动"),
    "band.initramfs": ("initramfs", "initramfs 阶段"),
    "band.rootfs": ("root file system", "根文件系统"),
    # Both starts
    "starts.title": ("A machine boots a kernel. A container does not.", "机器要启动内核，容器不用"),
    "starts.how": (
        "One scale, in seconds since power on, or since docker run.",
        "同一把尺子，单位是秒：从通电算起，或从 docker run 算起。",
    ),
    "starts.machine": ("machine", "机器"),
    "starts.container": ("container", "容器"),
    "starts.kernel": (
        "its kernel is the host's, {release}, running already: no bootfs at all",
        "它的内核就是主机的 {release}，早已在运行：根本没有 bootfs",
    ),
    "starts.words": (
        "The machine needs {machine}, the container {container}: the machine takes {times} times as long.",
        "机器用了 {machine}，容器用了 {container}：机器要花 {times} 倍的时间。",
    ),
    "starts.ends": (
        "The machine ends after {machine}: {first}. The container ends after {container}: {second}.",
        "机器在 {machine} 之后停在：{first}。容器在 {container} 之后停在：{second}。",
    ),
    # A machine, moment by moment
    "moment.title": ("{at}: {what}", "{at} 时：{what}"),
    "moment.off": ("the machine is off", "机器关着"),
    "moment.how": (
        "The arrow is now. Dashed: not yet begun, or freed again. Hatched: only the start needs it.",
        "箭头是现在。虚线：还没开始，或已经释放；斜线：只有启动时才需要。",
    ),
    "moment.memory": ("in memory", "内存里"),
    "moment.mounts": ("mounted", "挂载"),
    "moment.screen": ("on the screen", "屏幕上"),
    "moment.writing": ("a write", "写入"),
    "moment.gone": ("{what}, freed", "{what}，已释放"),
    "moment.freed": ("Freed: {what}", "释放了：{what}"),
    "moment.end": ("Here it comes to rest: {state}", "到此停下：{state}"),
    "moment.write": ("Writing a file under /: {what}", "在 / 下写文件：{what}"),
    "moment.used": ("{used} of {total} in use", "{total} 中用了 {used}"),
    "moment.label": ("Stages of the boot", "启动的阶段"),
    "moment.at": ("{k} of {n} {n:stage|stages}: {state}", "第 {k} 个阶段，共 {n} 个：{state}"),
    "moment.broken": ("What is broken", "哪里坏了"),
    "moment.nothing": ("nothing", "没有坏"),
    "moment.way": ("Way to boot", "启动方式"),
    "mounts.folded": ("{n} more: {ro} ro, {rw} rw", "另有 {n} 个：{ro} 个 ro，{rw} 个 rw"),
    # What can be broken
    "failure.no-boot-sector": ("no boot sector", "没有引导扇区"),
    "failure.kernel-missing": ("the kernel is missing", "内核文件不见了"),
    "failure.wrong-root": ("root= names a wrong device", "root= 写错了设备"),
    "failure.missing-driver": ("no driver for the disk", "缺少磁盘驱动"),
    "failure.corrupt-initramfs": ("the initramfs is corrupt", "initramfs 损坏"),
    "failure.root-full": ("the root is full", "根文件系统已满"),
    "failure.root-dirty": ("the root was not unmounted", "根没有正常卸载"),
    # A container, moment by moment
    "joining.before": ("docker run was typed; the host has long been up", "敲下 docker run；主机早已在运行"),
    "joining.how": (
        "The arrow is now. Dashed: not its own yet. The kernel is there from the first moment to the last.",
        "箭头是现在。虚线：还不是它自己的。内核从头到尾一直都在。",
    ),
    "joining.host": ("the host's tree, as it sees it", "它看到的主机目录树"),
    "joining.own": ("its own tree", "它自己的目录树"),
    "joining.nothing": ("nothing", "没有"),
    "joining.namespaces": ("namespaces", "命名空间"),
    "joining.limits": ("limits", "限制"),
    "joining.kernel": (
        "the host's kernel {release}: up since the host booted",
        "主机的内核 {release}：主机启动以来一直在运行",
    ),
    "joining.calls": ("the last calls", "最近的调用"),
    "joining.alt": (
        "{host} {host:mount|mounts} of the host in sight, {own} of its own, {kinds} {kinds:namespace|namespaces}.",
        "看得见主机的 {host} 个挂载，自己的 {own} 个，命名空间 {kinds} 个。",
    ),
    "joining.process": ("The process is still {program}.", "这个进程现在还是 {program}。"),
    "joining.runs": (
        "The process is now {program}. uname answers: {uname}.", "这个进程现在是 {program}。uname 回答：{uname}。"
    ),
    "joining.label": ("Moments of the start", "启动的时刻"),
    "joining.at": ("moment {k} of {n}", "第 {k} 个时刻，共 {n} 个"),
    # What an image has
    "parts.title": ("What an image has of a machine's disk", "机器磁盘上的东西，镜像里有哪些"),
    "parts.how": (
        "Read off the merged view of all layers. Dashed: not in the image.",
        "从所有层的合并视图读出。虚线：镜像里没有。",
    ),
    "parts.there": ("there", "有"),
    "parts.empty": ("empty", "空的"),
    "parts.holds": ("{n} {n:entry|entries}, {size}", "{n} 项，{size}"),
    "parts.bare": ("{n} {n:entry|entries}", "{n} 项"),
    "parts.words": (
        "{name}: {n:,} {n:entry|entries}, {size}. It is a root file system; of a boot nothing is in it",
        "{name}：{n:,} 项，{size}。它是一个根文件系统，里面没有任何启动所需的东西",
    ),
    "parts.packages": (
        "Debian's kernel package alone would add {kernel} ({cloud} for clouds), GRUB {grub}",
        "单是 Debian 的内核包就要多出 {kernel}（云版 {cloud}），GRUB 再加 {grub}",
    ),
    "parts.absent": ("Not there: {what}", "没有：{what}"),
    # The table of transitions
    "transitions.title": ("Every stage of a boot, and what ends it: {way}", "启动的每个阶段，以及什么让它结束：{way}"),
    "transitions.how": (
        "Down: as it should go. To the side: what else can happen; dashed is what should not.",
        "向下：正常的过程。向旁边：还可能发生什么；虚线是不该发生的。",
    ),
    "transitions.words": (
        "{states} states, {edges} transitions, {failures} of them failures.",
        "{states} 个状态，{edges} 个转移，其中 {failures} 个是故障。",
    ),
    "way.bios": ("a machine with BIOS", "带 BIOS 的机器"),
    "way.uefi": ("a machine with UEFI", "带 UEFI 的机器"),
    "way.direct": ("an emulator's -kernel", "模拟器的 -kernel"),
    "way.initramfs": ("an image as initramfs", "镜像当作 initramfs"),
    # Many
    "fleet.title": (
        "Many containers, one kernel. Many machines, as many kernels.",
        "容器再多，内核只有一个；机器有几台，内核就有几个",
    ),
    "fleet.how": (
        "Bars of one kind are on one scale. Hatched: what was read of the images, kept in memory.",
        "同一类横条用同一把尺子。斜线：从镜像读出、留在内存里的内容。",
    ),
    "fleet.containers": ("containers", "容器"),
    "fleet.machines": ("machines", "机器"),
    "fleet.kernel": ("kernel", "内核"),
    "fleet.one": ("one kernel {release}", "一个内核 {release}"),
    "fleet.more": ("and {n} more", "另有 {n} 个"),
    "fleet.memory": ("memory", "内存"),
    "fleet.disk": ("disk", "磁盘"),
    "fleet.time": ("until all are up, one after another", "逐个启动，直到全部就绪"),
    "fleet.kernels": ("{n} {n:kernel|kernels} {size}", "{n} 个内核 {size}"),
    "fleet.programs": ("programs {size}", "程序 {size}"),
    "fleet.cache": ("page cache {size}", "页缓存 {size}"),
    "fleet.words": (
        "{n} {n:container|containers} on one kernel, {release}: {one} of memory, up after {first}. As machines: "
        "{many}, up after {last}. Modelled, from measured starts.",
        "{n} 个容器共用一个内核 {release}：内存 {one}，{first} 后全部就绪。换成机器：内存 {many}，{last} 后就绪。"
        "这是根据实测启动得出的模型。",
    ),
    # The ladder
    "ladder.title": ("How long does a start take?", "启动要多久？"),
    "ladder.how": (
        "Each step of the scale is ten times the one before. Full dots were measured on one machine; squares are "
        "published, from other machines and other definitions of a start.",
        "刻度每一格是前一格的十倍。实心点在同一台机器上测得；方块来自发表的数据，机器不同，对启动的定义也不同。",
    ),
    "ladder.measured": ("measured", "实测"),
    "ladder.published": ("published: nothing here is compared with them", "已发表：这里不拿它们作比较"),
    "ladder.words": (
        "What holds elsewhere is the order of the measured ones: {order}.",
        "在别的机器上也成立的，是实测点的顺序：{order}。",
    ),
    # Words of the lab
    "lab.uname": ("What uname -snrm answers in a container of each image", "在各镜像的容器里，uname -snrm 的回答"),
    "lab.made": ("What {name} lacks and its start makes", "{name} 里没有、启动时才建的东西"),
    "column.who": ("who", "谁"),
    "column.stage": ("stage", "阶段"),
    "column.begins": ("begins", "开始"),
    "column.takes": ("takes", "用时"),
    "column.where": ("where", "何处"),
    "column.part": ("part", "部分"),
    "column.why": ("why", "为什么"),
    "column.state": ("state", "状态"),
    "column.event": ("event", "事件"),
    "column.then": ("then", "然后"),
    "column.effect": ("effect", "效果"),
    "column.kernels": ("kernels", "内核数"),
    "column.memory": ("memory", "内存"),
    "column.disk": ("disk", "磁盘"),
    "column.start": ("start", "启动方式"),
    "column.source": ("source", "出处"),
    "column.distribution": ("distribution", "发行版"),
    "column.kind": ("kind", "种类"),
}
