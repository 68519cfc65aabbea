"""The questions of the lesson on boot; `questions.QUESTIONS` and `RECALL` take them in."""

from __future__ import annotations

from .question import Both, Question, choice

BOOT_QUESTIONS: dict[str, Question] = {
    "04.parts": Question(
        ("Which of these does the image ubuntu hold?", "镜像 ubuntu 里有下面的哪一样？"),
        (
            choice("A kernel, small and compressed", "一个压缩过的小内核",
                   "No layer has one. A kernel in an image would lie there unused: nothing ever boots it.",
                   "没有哪一层有内核。镜像里即使放了内核，也没有谁去启动它。"),
            choice("A bootfs: bootloader and kernel, as the lowest layer", "bootfs：最底层是引导程序和内核",
                   "Many notes say so. The lowest layer is a tar like the others: the base of a root file system.",
                   "许多笔记这么写。最底层和其他层一样是 tar：根文件系统的基础。"),
            choice("An empty directory /proc", "一个空目录 /proc",
                   "A place to mount on. The kernel's view of processes appears there at each start, not before.",
                   "它只是挂载的位置。内核对进程的描述在每次启动时才出现在那里。"),
        ),
        3,
    ),
    "04.size": Question(
        ("An installer of Ubuntu has several GB, the image ubuntu 70 MB. What is most of the difference?",
         "Ubuntu 的安装盘有好几 GB，镜像 ubuntu 只有 70 MB。差别主要在哪里？"),
        (
            choice("The kernel and the bootloader, which are left out", "省掉了内核和引导程序",
                   "They are left out, and that saves 0.1 to 0.4 GB: the smaller part of it.",
                   "确实省掉了，但只省下 0.1 到 0.4 GB，是较小的一部分。"),
            choice("Fewer packages: no installer, no desktop, no package pool",
                   "软件包少：没有安装程序、桌面和软件包库",
                   "An image is a minimal set of packages. An installer carries a live system and a pool of packages.",
                   "镜像只有最少的软件包；安装盘带着一个可运行的系统和一个软件包库。"),
            choice("Compression: unpacked it is as large", "压缩：解开之后一样大",
                   "70 MB is the unpacked size already.", "70 MB 已经是解开之后的大小。"),
        ),
        2,
    ),
    "04.unloaded": Question(
        ("“After the boot, bootfs is unloaded.” Which part of it is still in memory when the machine is up?",
         "“启动之后 bootfs 会被卸载。”机器启动完毕时，其中的哪一部分还在内存里？"),
        (
            choice("None of it: all is freed", "都不在了：全部释放",
                   "Then nothing would run programs any more: reading files, starting programs is the kernel's work.",
                   "那样就没有谁来运行程序了：读文件、启动程序都靠内核。"),
            choice("The kernel; bootloader and initrd are freed", "内核还在；引导程序和 initrd 已释放",
                   "31.2 MB of kernel stay until the power is cut. Containers later run on it.",
                   "31.2 MB 的内核一直留到断电，后来的容器就运行在它上面。"),
            choice("All of it, and /boot is mounted for it", "全都在，为此还挂载了 /boot",
                   "The bootloader reads /boot before anything is mounted. Later it is mounted for updates.",
                   "引导程序在挂载之前就读了 /boot。后来挂载它，是为了更新内核。"),
        ),
        2,
    ),
    "04.kernel": Question(
        ("CentOS 7 came with Linux 3.10. Which kernel does a CentOS 7 container run on a host with 6.1?",
         "CentOS 7 自带 Linux 3.10。在内核为 6.1 的主机上，CentOS 7 容器运行的是哪个内核？"),
        (
            choice("3.10: it is CentOS 7", "3.10：它是 CentOS 7",
                   "The image brings CentOS's programs and libraries. Its kernel package is not among them.",
                   "镜像带来的是 CentOS 的程序和库，内核包不在其中。"),
            choice("6.1: the host's", "6.1：主机的内核",
                   "There is no other. Every container on the host asks this one kernel.",
                   "没有别的内核。主机上的每个容器用的都是这一个。"),
            choice("Both: 3.10 on top of 6.1", "两个都有：3.10 运行在 6.1 之上",
                   "That would be a virtual machine. In a container no kernel is started at all.",
                   "那就是虚拟机了。容器里根本不启动内核。"),
        ),
        2,
    ),
}

BOOT_RECALL: dict[str, tuple[tuple[Both, Both], ...]] = {
    "04": (
        (("What of the host's root file system lies below a container?",
          "主机的根文件系统有哪些部分叠在容器下面？"),
         ("Nothing: only the layers of its image do.", "没有：只有镜像的各层。")),
        (("Where does a container's write land?", "容器写入的内容落在哪里？"),
         ("In the one writable layer on top.", "落在最上面唯一的可写层。")),
        (("Two containers of one image: what do they share, what not?", "同一镜像的两个容器，共用什么，不共用什么？"),
         ("All read-only layers; each has a writable layer of its own.", "共用所有只读层；各有自己的可写层。")),
    ),
}
"""Questions from earlier lessons with which a lesson opens, and their answers."""
