"""What pictures of the world, the terminal in a notebook and the cloud's console say, in English and Chinese."""

from __future__ import annotations

WORLD_STRINGS: dict[str, tuple[str, str]] = {
    "column.change": ("change", "变化"),
    # The picture
    "world.now": ("What there is now", "现在有什么"),
    "world.after": ("After {command}", "执行 {command} 之后"),
    "world.how": (
        "Images and containers stand on the layers that they use, the base lowest. "
        "Thick and +: new. Thick and ~: changed. Dashed and −: gone.",
        "镜像和容器站在它们所用的层上，基础层在最下面。粗框和 +：新增；粗框和 ~：有变化；虚线和 −：已经没有了。",
    ),
    "world.host": ("host {name}", "主机 {name}"),
    "world.empty": ("no image and no container yet", "还没有镜像，也没有容器"),
    "world.image": ("image {id}", "镜像 {id}"),
    "world.unnamed": ("no name", "没有名字"),
    "world.container": ("container {name}", "容器 {name}"),
    "world.running": ("runs {what}", "运行 {what}"),
    "world.port": ("port {port}", "端口 {port}"),
    "world.created": ("not started", "未启动"),
    "world.exited": ("exited ({code})", "已退出（{code}）"),
    "world.other": ("{state}", "状态：{state}"),
    "world.own": ("{n} {n:change|changes}", "{n} 处改动"),
    "world.layers": ("layers {first}–{last}", "第 {first}–{last} 层"),
    "world.volumes": ("volumes", "卷"),
    "world.anonymous": ("{name}, nobody named it", "{name}，匿名卷"),
    "world.insecure": ("plain HTTP allowed", "允许 HTTP"),
    "world.registry": ("registry {name}", "镜像仓库服务 {name}"),
    "world.tags": ("tag {tags}", "标签 {tags}"),
    "world.no_tags": ("nothing pushed yet", "还没有推送过"),
    "world.blobs": ("{n} {n:blob|blobs}", "{n} 个 blob"),
    "world.more": ("{n} more {n:is|are} not drawn; the table has {n:it|them}.", "另有 {n} 个没有画出，表格里有。"),
    "world.more_places": ("{n} more", "另有 {n} 个"),
    # The words below it
    "world.nothing": ("Nothing changed", "什么都没有变"),
    "world.new": ("New: {what}", "新增：{what}"),
    "world.changed": ("Changed: {what}", "有变化：{what}"),
    "world.gone": ("Gone: {what}", "没有了：{what}"),
    "world.mark.kept": ("as before", "照旧"),
    "world.mark.new": ("new", "新增"),
    "world.mark.changed": ("changed", "有变化"),
    "world.mark.gone": ("gone", "没有了"),
    "world.layer_of": ("layer {n} of {size}", "第 {n} 层（{size}）"),
    "world.layers_of": ("{n} layers of {size}", "{n} 层（共 {size}）"),
    "world.name": ("the name {name}", "名字 {name}"),
    "world.moved": ("the name {name} leads elsewhere", "名字 {name} 改指别处"),
    "world.volume": ("volume {name}", "卷 {name}"),
    "world.http": ("plain HTTP with {name}", "允许用 HTTP 访问 {name}"),
    "world.repository": ("repository {name}", "仓库 {name}"),
    "world.stored": (
        "{images} {images:image|images} on {layers} stored {layers:layer|layers}, {size}",
        "{images} 个镜像，存着 {layers} 层，共 {size}",
    ),
    "world.sum": ("the sizes that docker images prints add up to {size}", "docker images 打印的大小加起来是 {size}"),
    "world.moves": ("Layers: {what}", "各层：{what}"),
    "world.move": ("{n} {state}", "{n} 个 {state}"),
    # The cloud's console
    "cloud.title": ("The console of {name}", "{name} 的控制台"),
    "cloud.account": ("The account {name} is open.", "已开通账号 {name}。"),
    "cloud.namespace": ("The namespace {name} is yours.", "已创建命名空间 {name}。"),
    "cloud.repository": (
        "The repository is there. Its address: {name}", "已创建镜像仓库。它的地址：{name}"
    ),
    "cloud.deleted": (
        "The repository {name} and all that it held are gone.", "已删除镜像仓库 {name} 和里面的全部内容。"
    ),
    "cloud.is_account": ("account", "账号"),
    "cloud.is_namespace": ("namespace", "命名空间"),
    "cloud.is_private": ("private repository", "私有镜像仓库"),
    "cloud.is_public": ("public repository", "公开镜像仓库"),
    "cloud.is_repository": ("repository", "镜像仓库"),
    "cloud.only_me": ("private: only this account pulls", "私有：只有本账号可以拉取"),
    "cloud.create_namespace": ("Create namespace", "创建命名空间"),
    "cloud.create_repository": ("Create repository", "创建镜像仓库"),
    "cloud.hint": (
        "lab.cloud.create_namespace(\"NAME\") and lab.cloud.create_repository(\"NAMESPACE/NAME\") do the same.",
        "也可以写 lab.cloud.create_namespace(\"名字\")、lab.cloud.create_repository(\"命名空间/名字\")。",
    ),
    # The terminal
    "term.filled": ("# {mark} is {value}", "# {mark} 换成了 {value}"),
    "term.password": (
        "# the password was typed for you: {password}; a terminal does not show it",
        "# 密码已替你输入：{password}；终端不会显示它",
    ),
    "term.stays": ("this stays, it reached the outside: {what}", "这一步影响了外面，撤销不了：{what}"),
    "term.no_undo": ("There is nothing to undo.", "没有可以撤销的了。"),
    "term.no_redo": ("There is nothing to redo.", "没有可以重做的了。"),
    "term.undone": ("Undone: {what}", "已撤销：{what}"),
    "term.redone": ("Done again: {what}", "已重做：{what}"),
    "term.reset": ("This is the world as it began.", "回到了最初的状态。"),
    "term.here": ("You are at {prompt}", "现在的提示符：{prompt}"),
    "term.show": ("after %%terminal write nothing, or show", "%%terminal 后面什么都不写，或者写 show"),
    "term.label": ("Command line of the simulated host", "模拟主机的命令行"),
    "term.output": ("Output of the terminal", "终端的输出"),
    "term.run": ("Run", "运行"),
    "term.undo": ("Undo", "撤销"),
    "term.redo": ("Redo", "重做"),
    "term.help": (
        "Enter runs the line, Shift+Enter begins another. Arrow up brings earlier lines back. On an empty line Ctrl+Z "
        "undoes and Ctrl+Y redoes.",
        "回车运行，Shift+回车换行；上箭头取回以前的命令；空行时 Ctrl+Z 撤销、Ctrl+Y 重做。",
    ),
    "term.text": (
        "Without widgets: lab.run(\"docker images\"), lab.undo(), lab.show()",
        "没有控件时：lab.run(\"docker images\")、lab.undo()、lab.show()",
    ),
}
