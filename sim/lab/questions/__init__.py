"""The questions of the lessons: what is asked, what can be answered, and what each answer shows.

A wrong choice is a known misconception; `why` says what is true instead, so that nobody is only told "wrong". The
right choice of each question is held against the model by a test.
"""

from __future__ import annotations

from .boot import BOOT_QUESTIONS, BOOT_RECALL
from .dedup import DEDUP_QUESTIONS, DEDUP_RECALL
from .images import IMAGE_QUESTIONS, IMAGE_RECALL
from .own import OWN_QUESTIONS, OWN_RECALL
from .question import Both, Question, choice
from .registries import REGISTRY_QUESTIONS, REGISTRY_RECALL
from .transfers import TRANSFER_QUESTIONS, TRANSFER_RECALL

QUESTIONS: dict[str, Question] = {
    "00.passwd": Question(
        ("Layer 2 was made by installing vim. Which layer supplies /etc/passwd?",
         "第 2 层是安装 vim 时产生的。/etc/passwd 由哪一层提供？"),
        (
            choice("Layer 1", "第 1 层",
                   "Layer 2 says nothing of the path, so the eye goes on to layer 1.",
                   "第 2 层没有提到这个路径，所以视线继续落到第 1 层。"),
            choice("Layer 2: it is the topmost", "第 2 层：它在最上面",
                   "Being on top is not enough: a layer holds only what its step changed.",
                   "只在最上面还不够：一层只存放那一步改动过的内容。"),
            choice("Both: each has a copy", "两层都有：各存一份",
                   "A layer is no copy of the whole: unchanged files stay in the layer that has them.",
                   "一层并不是整体的副本：没有改动的文件仍留在原来的那一层。"),
        ),
        1,
    ),
    "01.one-byte": Question(
        ("One letter of a file changes. How much of its digest changes?",
         "文件里改动一个字母，它的摘要会变多少？"),
        (
            choice("One digit", "变一位",
                   "A digest is no sum: neighbours in content are not neighbours in name.",
                   "摘要不是求和：内容相近，名字并不相近。"),
            choice("Nothing: the file has the same name", "不变：文件名没有变",
                   "A digest is computed from the bytes; what the file is called plays no part.",
                   "摘要由字节算出，与文件叫什么无关。"),
            choice("About all of it", "几乎全部都变",
                   "Each digit depends on every byte, so equal digests mean equal bytes.",
                   "每一位都取决于所有字节，所以摘要相同就意味着字节相同。"),
        ),
        3,
    ),
    "01.recompress": Question(
        ("The same layer is stored once with gzip and once as a plain tar. Which of its names differ?",
         "同一层，一次用 gzip 存，一次存成未压缩的 tar。它的哪些名字会不同？"),
        (
            choice("The layer digest alone", "只有层摘要（layer digest）",
                   "It names the blob as it is stored. DiffID and ChainID are computed from the unpacked tar.",
                   "它命名的是存储的 blob；DiffID 和 ChainID 由解压后的 tar 算出。"),
            choice("The DiffID alone", "只有 DiffID",
                   "It is the other way round: the DiffID names the unpacked tar, which is the same.",
                   "正好相反：DiffID 命名解压后的 tar，而 tar 没有变。"),
            choice("All of them", "全部都不同",
                   "The content is the same, and two of the three names are computed from the content.",
                   "内容没有变，而三个名字中有两个是由内容算出的。"),
        ),
        1,
    ),
    "01.second-pull": Question(
        ("ubuntu is here already. How much does a pull of ubuntu-vim download?",
         "本地已有 ubuntu。再拉取 ubuntu-vim，需要下载多少？"),
        (
            choice("Everything: it is another image", "全部：它是另一个镜像",
                   "Images are lists of layers, and a layer whose digest is here is not fetched again.",
                   "镜像只是层的清单；本地已有相同摘要的层不会再下载。"),
            choice("The layer that is not here", "只下载本地没有的那一层",
                   "The base has the same digest in both, so it is skipped: Already exists.",
                   "两者的基础层摘要相同，所以跳过：Already exists。"),
            choice("Only the files that differ", "只下载不同的文件",
                   "The unit of a transfer is the layer: one changed byte makes it another blob.",
                   "传输的单位是层：改动一个字节，它就成了另一个 blob。"),
        ),
        2,
    ),
    "02.merge": Question(
        ("/srv holds a in layer 1 and b in layer 3. What does ls /srv print?",
         "/srv 在第 1 层里有 a，在第 3 层里有 b。ls /srv 会列出什么？"),
        (
            choice("b: the upper directory hides the lower", "b：上面的目录遮住下面的",
                   "Files hide files. Directories of one name merge.", "文件会遮住文件，而同名目录会合并。"),
            choice("a and b", "a 和 b",
                   "Each name in the directory is looked up by itself, so both are found.",
                   "目录里的每个名字各自查找，所以两个都能找到。"),
            choice("An error: the name is taken twice", "报错：名字重复",
                   "Layers may repeat a name; that is how they change things.",
                   "各层可以有同样的名字，改动正是这样表达的。"),
        ),
        2,
    ),
    "02.file-over-directory": Question(
        ("/opt is a directory with a, above it a file, above it a directory with b. What does ls /opt print?",
         "/opt 先是含有 a 的目录，上一层是文件，再上一层是含有 b 的目录。ls /opt 会列出什么？"),
        (
            choice("a and b: both are directories", "a 和 b：它们都是目录",
                   "The file lies between them: it ends the merge, as a whiteout would.",
                   "它们之间隔着一个文件：它和删除标记一样，会结束合并。"),
            choice("b alone", "只有 b",
                   "Looking for a, the eye meets the file /opt in layer 2, and what lies below it is hidden.",
                   "查找 a 时，视线碰到第 2 层的文件 /opt，它下面的内容都被遮住。"),
            choice("Nothing: /opt is a file", "什么都没有：/opt 是文件",
                   "The topmost layer has a directory, and the topmost is met first.",
                   "最上面一层是目录，而最先碰到的正是最上面一层。"),
        ),
        2,
    ),
    "02.host": Question(
        ("Which directories lie below a container's writable layer?",
         "容器的可写层下面叠着哪些目录？"),
        (
            choice("The image's layers, and below them the host's root", "镜像的各层，再下面是主机的根文件系统",
                   "A mount names its lower directories one by one, and the host's root is not among them.",
                   "挂载时逐个列出下层目录，主机的根文件系统并不在其中。"),
            choice("The image's layers, and nothing else", "只有镜像的各层",
                   "A path that no layer has is not there, whatever the host has. The host lends kernel and disk.",
                   "没有哪一层有的路径就不存在，不管主机上有没有。主机提供的是内核和磁盘。"),
            choice("One directory: a copy of the whole image", "一个目录：整个镜像的副本",
                   "Nothing is copied at the start: the layers are mounted as they lie.",
                   "启动时什么都不复制：各层原样挂载。"),
        ),
        2,
    ),
    "03.chmod": Question(
        ("A container changes the mode of a program of 3.9 MB. How much is copied into its layer?",
         "容器修改一个 3.9 MB 的程序的权限。有多少内容被复制到容器层？"),
        (
            choice("Nothing: the content stays the same", "什么都不复制：内容没有变",
                   "Mode and content belong to one file, and that file is in a layer that cannot change.",
                   "权限和内容属于同一个文件，而它在不能改动的层里。"),
            choice("A few bytes: the mode", "几个字节：只有权限",
                   "By default overlayfs copies whole files; only the option metacopy leaves the data below.",
                   "overlayfs 默认复制整个文件；只有 metacopy 选项才把数据留在下面。"),
            choice("3.9 MB: the whole file", "3.9 MB：整个文件",
                   "Any change copies the whole file up first, even one of its mode alone.",
                   "任何改动都要先把整个文件向上复制，哪怕只改权限。"),
        ),
        3,
    ),
    "03.delete": Question(
        ("A container deletes a file of 3.6 MB of its image. How much space does the host get back?",
         "容器删除镜像里一个 3.6 MB 的文件。主机能收回多少空间？"),
        (
            choice("All 3.6 MB", "全部 3.6 MB",
                   "The file lies in a read-only layer, which other containers may be using.",
                   "文件在只读层里，别的容器可能正在使用这一层。"),
            choice("None: a whiteout is added", "没有：反而多了一个删除标记",
                   "The container no longer sees the file, but the layer still stores it.",
                   "容器看不见这个文件了，但那一层仍然存着它。"),
            choice("3.6 MB once the container is committed", "提交（commit）容器之后收回 3.6 MB",
                   "A commit adds a layer with the whiteout. The layer below does not change.",
                   "commit 只是加上带删除标记的一层，下面的层不会改变。"),
        ),
        2,
    ),
    "03.rename": Question(
        ("A program in a container renames the directory /etc/apt of its image. What is the outcome?",
         "容器里的程序给镜像里的目录 /etc/apt 改名。会发生什么？"),
        (
            choice("Success: only a name changes", "成功：只是换了名字",
                   "The name is in a read-only layer, and so is everything below it.",
                   "这个名字在只读层里，它下面的所有内容也是。"),
            choice("A copy-up of the whole directory, by the kernel", "内核把整个目录向上复制",
                   "The kernel copies single files up, never trees. mv(1) copies the tree when rename fails.",
                   "内核只复制单个文件，从不复制整棵树。rename 失败后，是 mv(1) 去复制。"),
            choice("An error: EXDEV", "报错：EXDEV",
                   "It is the answer for two file systems; mv(1) knows it, copies and deletes. Some programs do not.",
                   "这是跨文件系统时的答复；mv(1) 认识它，会复制再删除。有些程序不认识。"),
        ),
        3,
    ),
    "03.mmap": Question(
        ("A file was opened and mapped, then another program wrote to it, which copied it up. Who sees the new bytes?",
         "文件先被打开并映射，随后另一个程序写入它，于是它被向上复制。谁能看到新的字节？"),
        (
            choice("read() alone; the mapping shows the old", "只有 read()；映射仍显示旧的",
                   "Since Linux 4.19 a read goes to the upper file; a mapping keeps the pages that it was made of.",
                   "从 Linux 4.19 起，读操作转到上层的文件；映射则保留建立时的那些页。"),
            choice("Neither of them", "两者都看不到",
                   "That was so before Linux 4.19. Since then an open descriptor follows the copy-up.",
                   "Linux 4.19 之前是这样。之后，已打开的描述符会跟随复制。"),
            choice("Both of them", "两者都能看到",
                   "On an ordinary file system, yes. Here the mapping shows the lower file, which nobody changed.",
                   "在普通文件系统上确实如此。在这里，映射显示的是没人改过的下层文件。"),
        ),
        1,
    ),
    "03.life": Question(
        ("A container wrote /root/a, and /data/b in a volume. It is stopped and started, then removed, and a new one is"
         " run with the same volume. Which file does the new one see?",
         "容器写了 /root/a，又在卷里写了 /data/b。它被停止、再启动，然后删除；"
         "再用同一个卷运行一个新容器。新容器看得见哪个文件？"),
        (
            choice("Neither: stopping it lost both", "都看不见：停止时两个都丢了",
                   "A stop ends the process and nothing else. Its layer and the volume stay; a start finds both.",
                   "停止只结束进程。它的层和卷都还在，再启动时两个文件都在。"),
            choice("/data/b alone", "只看得见 /data/b",
                   "docker rm takes the container's layer along, and /root/a with it. The volume stays.",
                   "docker rm 会连同容器层一起删除，/root/a 也就没了。卷要单独删除才会消失。"),
            choice("Both: it is the same image", "都看得见：镜像是同一个",
                   "The image never had them. /root/a lay in the first container's own layer, which is gone.",
                   "镜像里从来没有它们。/root/a 在第一个容器自己的层里，那一层已经没了。"),
        ),
        2,
    ),
    **BOOT_QUESTIONS,
    **IMAGE_QUESTIONS,
    **REGISTRY_QUESTIONS,
    **OWN_QUESTIONS,
    **DEDUP_QUESTIONS,
    **TRANSFER_QUESTIONS,
}

RECALL: dict[str, tuple[tuple[Both, Both], ...]] = {
    "01": (
        (("Two layers hold the same path. Which one does the merged view show?",
          "两层都有同一个路径，合并视图显示哪一个？"),
         ("The upper one; the lower one is hidden, and still stored.", "上面那一层的；下面的被遮住，但仍然存着。")),
        (("What does a layer hold: the whole file system, or something less?",
          "一层里存放的是整个文件系统，还是更少的东西？"),
         ("What one step added, changed or deleted.", "某一步增加、修改或删除的内容。")),
        (("What does a whiteout do?", "删除标记（whiteout）有什么作用？"),
         ("It hides a path of the layers below; the search for it ends there.",
          "它遮住下面各层的某个路径，查找到此结束。")),
    ),
    "02": (
        (("What is a layer stored as: a file system, or something else?", "一层以什么形式存储：文件系统，还是别的？"),
         ("As a tar archive of changes.", "一个记录改动的 tar 归档。")),
        (("How does a layer's tar say that a file was deleted?", "一层的 tar 怎样表示某个文件被删除了？"),
         ("By a member whose name begins with .wh., a whiteout.", "用一个名字以 .wh. 开头的成员，即删除标记。")),
        (("Two images have a layer with the same digest. How often is it stored?",
          "两个镜像有一层的摘要相同，它会存几份？"),
         ("Once: equal digests mean equal bytes.", "一份：摘要相同就意味着字节相同。")),
    ),
    "03": (
        (("A layer says nothing of a path. Where does the lookup go on?", "某一层没有提到这个路径，查找会去哪里？"),
         ("In the layer below.", "下面一层。")),
        (("What ends the merge of directories of one name?", "什么会结束同名目录的合并？"),
         ("An opaque directory, a whiteout, or a file.", "不透明的目录、删除标记或文件。")),
        (("What of the host's root file system lies below a container?",
          "主机的根文件系统有哪些部分叠在容器下面？"),
         ("Nothing: only the layers of its image do.", "没有：只有镜像的各层。")),
    ),
    **BOOT_RECALL,
    **IMAGE_RECALL,
    **REGISTRY_RECALL,
    **OWN_RECALL,
    **DEDUP_RECALL,
    **TRANSFER_RECALL,
}
"""Questions from earlier lessons with which a lesson opens, and their answers."""
