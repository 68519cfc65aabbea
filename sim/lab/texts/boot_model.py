"""The words of the boot model in Chinese: stages, effects, parts of memory, calls, findings.

    said("the machine is up", "zh")                  ->  "机器启动完毕"
    said("/dev/null, in the container's own tmpfs", "zh")      a template, its fields carried over

The model speaks English; here each of its sentences has its Chinese. What has none is shown as it is, and a test
goes through all that the model can say.
"""

from __future__ import annotations

import re
from functools import lru_cache

STATES = {
    "off": "关机", "power on": "通电", "firmware": "固件", "boot device": "启动设备", "boot sector": "引导扇区",
    "EFI partition": "EFI 分区", "option ROM": "选项 ROM", "bootloader": "引导程序", "read kernel": "读取内核",
    "read initrd": "读取 initrd", "hand over": "移交控制权", "decompress": "解压内核", "early kernel": "内核早期",
    "kernel init": "内核初始化", "unpack initramfs": "解开 initramfs", "built-in drivers": "内置驱动",
    "no initramfs": "没有 initramfs", "seal kernel": "封存内核", "run /init": "运行 /init", "load drivers": "加载驱动",
    "mount root": "挂载根", "replay journal": "重放日志", "switch root": "切换根", "init": "init",
    "root read-write": "根可读写", "services": "服务", "running": "运行中", "running, root full": "运行中，根已满",
    "power down": "关机中", "no boot device": "没有启动设备", "GRUB error": "GRUB 报错",
    "emergency shell": "应急 shell", "kernel panic": "内核崩溃", "refused": "被拒绝",
}

EVENTS = {
    "power pressed": "按下电源", "firmware started": "固件开始运行", "devices found": "找到设备",
    "boot sector found": "找到引导扇区", "EFI partition found": "找到 EFI 分区",
    "kernel given by the emulator": "模拟器给出内核", "nothing bootable": "没有可启动的东西",
    "bootloader started": "引导程序开始运行", "kernel found": "找到内核", "kernel missing": "找不到内核",
    "kernel read": "内核已读入", "initrd read": "initrd 已读入", "no initrd": "没有 initrd",
    "control passed": "控制权已移交", "kernel unpacked": "内核已解压", "memory known": "内存已知",
    "initrd there": "有 initrd", "initrd absent": "没有 initrd", "initrd freed": "initrd 已释放",
    "initrd corrupt": "initrd 损坏", "initcalls done": "初始化调用完成", "root unreachable": "够不到根",
    "kernel sealed": "内核已封存", "init alive": "/init 已运行", "shell alive": "shell 已运行",
    "drivers loaded": "驱动已加载", "root not found": "找不到根", "root mounted": "根已挂载",
    "journal dirty": "日志未清", "journal replayed": "日志已重放", "root switched": "根已切换",
    "root remounted": "根已重新挂载", "services started": "服务开始启动", "services up": "服务就绪",
    "no space": "空间不足", "shut down": "关机", "power cut": "断电",
}

EFFECTS = {
    "the processor starts at its reset vector, in the firmware": "处理器从复位向量开始执行，那里是固件",
    "the firmware sets up memory and looks for devices": "固件初始化内存，并寻找设备",
    "the firmware tries the boot devices in order": "固件按顺序尝试启动设备",
    "512 bytes are read to 0000:7c00 and run": "读入 512 字节到 0000:7c00 并执行",
    "a program is read from the EFI System Partition": "从 EFI 系统分区读入一个程序",
    "an option ROM copies the kernel that the emulator was given": "选项 ROM 复制交给模拟器的内核",
    "no device has anything to boot": "没有哪个设备上有可启动的东西",
    "the bootloader runs; it has its own driver for the file system of /boot":
        "引导程序运行；它自带读取 /boot 文件系统的驱动",
    "the bootloader runs; the firmware reads the disk for it": "引导程序运行；由固件替它读磁盘",
    "the bootloader reads the kernel from /boot: nobody mounts anything":
        "引导程序从 /boot 读取内核：没有谁挂载任何东西",
    "/boot has no such kernel; the bootloader waits for a key": "/boot 里没有这个内核；引导程序等待按键",
    "the kernel is in memory, compressed; the initrd is next": "内核已在内存里，还是压缩的；接着读 initrd",
    "the kernel is in memory, and no initrd is loaded": "内核已在内存里，但没有读入 initrd",
    "both are in memory; the bootloader gives the machine up": "两者都在内存里；引导程序交出机器",
    "the bootloader is gone; the kernel's stub unpacks the kernel": "引导程序退场；内核自带的一小段程序把内核解压",
    "kernel and initrd are in memory; the kernel's stub unpacks the kernel":
        "内核和 initrd 都在内存里；内核自带的一小段程序把内核解压",
    "the kernel prints its first line; it stays in memory from now on": "内核打印第一行；从此它一直留在内存里",
    "the kernel owns all memory and starts its parts": "内核接管全部内存，启动它的各个部分",
    "the archive is unpacked into rootfs, a file system in memory": "归档被解开到 rootfs，一个内存里的文件系统",
    "there is no archive: rootfs stays empty": "没有归档：rootfs 保持为空",
    "the archive's memory is freed; its files stay": "归档占用的内存被释放；解开的文件还在",
    "the archive cannot be unpacked; its memory is freed, rootfs stays empty":
        "归档解不开；它占用的内存被释放，rootfs 保持为空",
    "code and data of the start itself are freed; read-only data is sealed":
        "只为启动服务的代码和数据被释放；只读数据被封存",
    "without /init the kernel mounts the root itself, and has no driver for it":
        "没有 /init，内核只好自己挂载根，却没有相应的驱动",
    "the first program is run: /init of the initramfs": "运行第一个程序：initramfs 里的 /init",
    "/init mounts /proc, /sys and /dev and loads drivers": "/init 挂载 /proc、/sys 和 /dev，并加载驱动",
    "the image's own program runs; its root is the unpacked archive, in memory":
        "镜像自己的程序开始运行；它的根就是内存里解开的归档",
    "the disk can be reached": "磁盘可以访问了",
    "the device that root= names does not appear": "root= 指定的设备始终没有出现",
    "the root file system is mounted, read-only": "根文件系统被挂载，只读",
    "the root was not unmounted cleanly: its journal is replayed": "上次没有正常卸载根：重放它的日志",
    "the root file system is consistent again, and mounted read-only": "根文件系统恢复一致，以只读方式挂载",
    "the initramfs is emptied, the root takes its place, the real init runs":
        "initramfs 被清空，根取代它的位置，真正的 init 开始运行",
    "the root is remounted read-write: writing works from here on": "根重新挂载为可读写：从这里开始才能写入",
    "further file systems are mounted, /boot among them, and services start":
        "挂载其余的文件系统，其中就有 /boot，服务开始启动",
    "the machine is up": "机器启动完毕",
    "the machine is up, and nothing that writes works": "机器启动完毕，但凡是要写入的都失败",
    "programs end, file systems are written back and made read-only": "程序结束，文件系统写回磁盘并变为只读",
    "programs end, file systems are made read-only": "程序结束，文件系统变为只读",
    "memory is gone; what was written to the disk stays": "内存内容消失；写到磁盘上的还在",
}

MEMORY = {
    "firmware area": "固件区", "compressed kernel": "压缩的内核", "initrd image": "initrd 归档", "kernel": "内核",
    "initmem": "initmem", "gaps": "空隙", "tables": "各种表", "page structures": "页结构",
    "initramfs files": "initramfs 的文件", "drivers": "驱动", "programs": "程序", "page cache": "页缓存",
    "there is no file system yet": "还没有文件系统",
    "it is written, in memory: gone when the initramfs is": "写得进去，但在内存里：initramfs 没了它也就没了",
    "Read-only file system": "只读文件系统（Read-only file system）", "it is written": "写得进去",
    "No space left on device": "设备上没有空间（No space left on device）",
    "nothing runs any more that could write": "已经没有程序在运行，谈不上写入",
}

CALLS = {
    "engine": "引擎", "fork and namespaces": "fork 和命名空间", "mounts": "挂载",
    "pivot_root and detach": "pivot_root 和断开旧根", "capabilities and seccomp": "权能和 seccomp",
    "execve": "execve", "docker create": "docker create", "docker start": "docker start",
    "overlay mount": "overlay 挂载", "read-only and masked paths": "只读和被遮盖的路径",
    "a name, an id, a config, and a new empty layer to write to": "一个名字、一个 ID、一份配置，和一个可写的新空层",
    "the image's layers and the new one become one root; the layers are only read":
        "镜像各层和新的一层合成一个根；镜像各层只供读取",
    "the daemon prepares network and cgroup, containerd starts a shim, the shim calls the runtime":
        "守护进程准备网络和 cgroup，containerd 启动 shim，shim 再调用运行时",
    "what it sees is its own from here on": "从这里开始，它看到的都是自己的",
    "the rootfs becomes a mount, for pivot_root": "rootfs 成为一个挂载点，pivot_root 需要这样",
    "the container's root is /, and the old root lies over it": "容器的根成为 /，旧的根还盖在上面",
    "the old root is gone: no way leads to the host's files": "旧的根没了：再没有路通向主机的文件",
    "a process that sees only its own mounts, network, processes and host name":
        "一个只看得见自己的挂载、网络、进程和主机名的进程",
    "the container's root is /, and the host's tree is gone from its sight": "容器的根成为 /，主机的目录树从它眼前消失",
    "the runtime's process becomes the program": "运行时的进程变成要运行的程序",
    "the program runs, on the host's kernel": "程序运行在主机的内核上",
}

TEMPLATES = (
    ("{n} file systems, /proc, /dev and /sys among them, and {m} device nodes",
     "{n} 个文件系统，其中有 /proc、/dev 和 /sys，还有 {m} 个设备节点"),
    ("{n} paths of /proc and /sys cannot be written, or not be seen",
     "/proc 和 /sys 里有 {n} 个路径不能写，或者看不见"),
    ("a filter judges each system call; of root's powers, {n} are left",
     "过滤器审查每个系统调用；root 的权能只剩 {n} 项"),
    ("a filter judges each system call; no user but root has any of root's powers",
     "过滤器审查每个系统调用；除了 root，谁都没有 root 的权能"),
)

FINDINGS = {
    "initramfs": "initramfs", "kernel modules": "内核模块", "shell": "shell",
    "the host's kernel serves every container; one in an image would never be run":
        "主机的内核为所有容器服务；镜像里即使有内核也不会运行",
    "a machine's helper for finding its root; a container's root is mounted by the engine":
        "帮机器找到根的工具；容器的根由引擎挂载",
    "nothing boots, so nothing needs loading": "没有什么要启动，也就没有什么要引导",
    "drivers belong to the kernel that runs: the host's": "驱动属于正在运行的内核，也就是主机的内核",
    "empty where it is there at all": "即使有，也是空的",
    "a tmpfs with a few device nodes is mounted here at each start": "每次启动时在这里挂载一个带少量设备节点的 tmpfs",
    "the kernel's view of processes is mounted here at each start": "每次启动时在这里挂载内核对进程的描述",
    "the kernel's view of devices is mounted here at each start, read-only":
        "每次启动时在这里挂载内核对设备的描述，只读",
    "needed for docker exec sh and for RUN lines, not for running": "docker exec sh 和 RUN 需要它，运行本身不需要",
    "seldom there: the program itself is process 1": "很少有：程序本身就是 1 号进程",
}

STARTS = {
    "machine, direct -kernel": "机器，直接 -kernel", "machine, BIOS and GRUB": "机器，BIOS 加 GRUB",
    "Firecracker, to init": "Firecracker，到 init", "Alpine on Firecracker": "Firecracker 上的 Alpine",
    "Kata, QEMU": "Kata，QEMU", "measured": "实测",
    "published figure, source not re-read": "已发表的数字，出处没有重读",
    "Kuenzer et al., EuroSys 2021: under 1 ms": "Kuenzer 等，EuroSys 2021：不到 1 ms",
    "Manco et al., SOSP 2017": "Manco 等，SOSP 2017", "the README of crun": "crun 的 README",
    "Agache et al., NSDI 2020": "Agache 等，NSDI 2020",
    "directory": "目录", "file": "文件", "link to /proc/mounts": "指向 /proc/mounts 的链接",
}

CHINESE = STATES | EVENTS | EFFECTS | MEMORY | CALLS | FINDINGS | STARTS


Patterns = tuple[tuple[re.Pattern[str], str], ...]


def said(words: str, lang: str) -> str:
    """Return a sentence of the boot model in a language.

    Examples
    --------
    >>> said("kernel panic", "zh"), said("kernel panic", "en")
    ('内核崩溃', 'kernel panic')
    """
    return words if lang == "en" else CHINESE.get(words) or carried(words, _known())


def carried(words: str, known: Patterns) -> str:
    """Return the Chinese of the template that fits, its fields carried over; the words as they are where none does."""
    found = ((pattern.fullmatch(words), chinese) for pattern, chinese in known)
    return next((chinese.format(**match.groupdict()) for match, chinese in found if match), words)


def patterns(templates: tuple[tuple[str, str], ...]) -> Patterns:
    """Return English templates as regular expressions, each with its Chinese."""
    return tuple(
        (re.compile(re.sub(r"\\\{(\w)\\\}", r"(?P<\1>.+)", re.escape(english)), re.DOTALL), chinese)
        for english, chinese in templates
    )


@lru_cache
def _known() -> Patterns:
    return patterns(TEMPLATES)
