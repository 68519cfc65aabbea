"""The questions of the lesson on deduplication; `questions.QUESTIONS` takes them in."""

from __future__ import annotations

from .question import Both, Question, choice

DEDUP_QUESTIONS: dict[str, Question] = {
    "10.score": Question(
        ("The tool dive looks at an image and says how much of it is wasted. A layer holds a file of 20 MB, and the "
         "layer above it another one of 20 MB at the same path. How many MB does dive call wasted?",
         "工具 dive 查看一个镜像，报告其中浪费了多少。一层里有一个 20 MB 的文件，上面一层在同一路径又放了一个 20 MB "
         "的文件。dive 会报告浪费了多少？"),
        (
            choice("20 MB: what is hidden", "20 MB：被遮住的那份",
                   "That is the true figure: of 40 MB stored, 20 are seen. dive counts another thing.",
                   "这才是真实的数字：存了 40 MB，看得见 20 MB。dive 数的是另一回事。"),
            choice("40 MB", "一共 40 MB",
                   "dive adds up all sizes of a path that comes twice, the copy in use included. And it misses files "
                   "that went with their directory.",
                   "同一路径出现两次时，dive 把每一份都加起来，正在使用的那份也算。随目录一起消失的文件，它反而漏掉。"),
            choice("0 MB: every file is at its place", "0 MB：每个文件都在该在的地方",
                   "The lower file is stored and sent with its layer, and nobody sees it.",
                   "下面那个文件随它的层存储、传输，却没有人看得见。"),
        ),
        2,
    ),
    "10.share": Question(
        ("app:2 is app:1 with one line more in a file of 1.6 MB; a file of 0.7 MB beside it and the base are the same. "
         "app:1 is stored. How much more, before it is compressed, does a registry store for app:2?",
         "app:2 只比 app:1 在一个 1.6 MB 的文件里多一行；旁边 0.7 MB 的文件和基础镜像都没变。app:1 已经存好，"
         "镜像仓库服务还要为 app:2 存多少（按压缩前计）？"),
        (
            choice("The line", "那一行",
                   "Nothing in a registry compares bytes inside files. Chunks would come near to it.",
                   "镜像仓库服务不会比较文件内部的字节。按分块去重才接近这个结果。"),
            choice("The file, 1.6 MB", "那个文件，1.6 MB",
                   "That would be sharing by file. A registry knows blobs only.",
                   "那是按文件去重。镜像仓库服务只认识 blob。"),
            choice("The layer, 2.3 MB", "那一层，2.3 MB",
                   "One byte changes, and the layer has another digest: it is stored whole. The base is stored once.",
                   "改动一个字节，层的摘要就变了，整层都要再存一遍。基础层只存一份。"),
        ),
        3,
    ),
    "10.gzip": Question(
        ("The two layers of app:1 and app:2 differ in one line at the front. Both are cut into chunks, once as tar, "
         "where 99 % are the same, and once as tar.gz. How much is the same in the tar.gz?",
         "app:1 和 app:2 的两层只在开头差一行。先把 tar 切成分块，99 % 相同；再把 tar.gz 切成分块，相同的有多少？"),
        (
            choice("99 %: it is the same content", "99 %：内容是一样的",
                   "The content is, the compressed bytes are not: each depends on all that came before in its block.",
                   "内容一样，压缩后的字节却不一样：每个字节都取决于同一块里前面的全部内容。"),
            choice("About half", "大约一半",
                   "From the first change on, the stream is shifted by some bits, and the codes are others.",
                   "从第一处改动开始，比特流错开了几位，编码也换了。"),
            choice("Nothing", "没有相同的",
                   "Compression hides what is equal. So one cuts first, and compresses each chunk for itself.",
                   "压缩把相同之处藏了起来。所以要先切分，再逐块压缩。"),
        ),
        3,
    ),
    "10.insert": Question(
        ("A file is stored in 32 blocks of 2,048 bytes. One byte is inserted at its front. How many of its blocks have "
         "to be stored again?",
         "一个文件按每块 2,048 字节存成 32 块。在最前面插入一个字节，有多少块要再存一遍？"),
        (
            choice("One", "一块",
                   "So it is when a byte is overwritten. An insertion shifts all that follows, in every block.",
                   "改写一个字节时才是这样。插入会让后面的内容在每一块里都错位。"),
            choice("All of them", "全部",
                   "No block ends where it ended before. Chunks cut by content do: their ends move with the bytes.",
                   "没有一块的边界还在原处。按内容切的分块则不然：边界跟着字节一起移动。"),
            choice("Half of them, on average", "平均一半",
                   "That is the mean of insertions at random places. This one is at the front.",
                   "这是在随机位置插入时的平均值。这一次是在最前面。"),
        ),
        2,
    ),
    "10.grow": Question(
        ("A collection grows from ten images to hundreds. Each file is kept once. What becomes of the ratio, bytes "
         "that are named over bytes that are kept?",
         "一批镜像从十个增加到几百个，每个文件只存一份。引用的字节数与保留的字节数之比会怎样？"),
        (
            choice("The same throughout", "一直不变",
                   "Each new image finds more of its files there already than the one before it.",
                   "后来的镜像，会发现自己的文件比前一个有更多已经在那里。"),
            choice("Higher and higher", "越来越高",
                   "The same packages are in many images: the more images, the more of a new one is known.",
                   "同样的软件包出现在许多镜像里：镜像越多，新镜像里已知的部分就越多。"),
            choice("Lower: more images, more that is different", "越来越低：镜像越多，不同的内容越多",
                   "More is different, and far more is the same: what is named grows faster than what is kept.",
                   "不同的确实多了，相同的多得更快：引用的字节比保留的字节增长得快。"),
        ),
        2,
    ),
    "10.cache": Question(
        ("A cache in front of a registry has room for 1 % of all blobs. How many of the requests does it answer?",
         "镜像仓库服务前面有一个缓存，只存得下全部 blob 的 1 %。它能应付多少请求？"),
        (
            choice("About 1 %", "大约 1 %",
                   "That would be so if all blobs were asked for equally often. A few are asked for all the time.",
                   "如果每个 blob 被请求得一样多，才会这样。事实上少数 blob 一直有人要。"),
            choice("A third or more", "三分之一以上",
                   "A few blobs are asked for all the time, and what was just asked for is soon asked for again.",
                   "少数 blob 一直有人要，而且刚刚要过的，很快又会有人要。"),
            choice("Nearly all", "几乎全部",
                   "Many blobs are asked for a single time. Not even a cache with room for all of them has those.",
                   "许多 blob 只被请求一次。这些请求，就算缓存放得下全部 blob 也应付不了。"),
        ),
        2,
    ),
    "10.chmod": Question(
        ("RUN chmod -R g+w /usr/share/vim gives 35.8 MB of files another mode, and no other content. How large is its "
         "layer?",
         "RUN chmod -R g+w /usr/share/vim 只改了 35.8 MB 文件的权限，内容没变。这一层有多大？"),
        (
            choice("0 B: no content was written", "0 B：没有写任何内容",
                   "0 B is what deleting costs. A mode belongs to a file, and a layer holds whole files.",
                   "删除才是 0 B。权限属于文件，而层里存放的是整个文件。"),
            choice("Some kB: the modes of 1,900 files", "几 kB：只是近两千个文件的权限",
                   "A tar has a header a file, but there is no member that holds a mode alone.",
                   "tar 里每个文件都有文件头，但没有哪种成员只记权限。"),
            choice("35.8 MB", "35.8 MB：和这些文件一样大",
                   "Each file is copied up, whole, into the new layer. Kept once by content, they would cost nothing.",
                   "每个文件都整个复制到新的一层。如果按内容只存一份，就一点也不多花。"),
        ),
        3,
    ),
}

DEDUP_RECALL: dict[str, tuple[tuple[Both, Both], ...]] = {
    "10": (
        (("A later layer deletes a file. Which layer gets smaller?", "后面的一层删除了一个文件，哪一层会变小？"),
         ("None. The file is hidden, still stored and still sent.",
          "哪一层都不会。文件只是被遮住，照样存储、照样传输。")),
        (("A container changes the mode of a file of its image. What is copied?",
          "容器修改镜像里一个文件的权限，会复制什么？"),
         ("The whole file, into the container's layer.", "整个文件，复制到容器的层里。")),
        (("Two images have a layer in common. How does a registry know that it is there already?",
          "两个镜像有一层相同。镜像仓库服务怎么知道它已经在了？"),
         ("By its digest: equal bytes have equal digests.", "看摘要：字节相同，摘要就相同。")),
    ),
}
"""Questions from earlier lessons with which the lesson opens, and their answers."""
