"""How the tasks of the lesson on transfers are judged: None for a right answer, else what to think of."""

from __future__ import annotations

from ...image.samples import sample
from ...registry.transfer import Action, Plan
from ..plans import step_name
from ..plates import listing
from ..questions.question import Both
from ..text import LANGUAGES


def planned(answer: object) -> Both | None:
    """`answer` is a plan for a push of nginx that sends the manifest alone, layer 1 mounted and the rest there."""
    image = sample("nginx")
    wanted = [layer.descriptor.digest for layer in image.layers]
    if not isinstance(answer, Plan) or [step.descriptor.digest for step in answer.steps[:-2]] != wanted:
        return ("Give the plan: plan_push(parts, held, mountable) for the parts of nginx.",
                "请交出计划：用 nginx 的 parts 调用 plan_push(parts, held, mountable)。")
    sent = [step for step in answer.steps[:-1] if step.action is Action.SEND]
    if sent:
        english, chinese = (listing([step_name(step, lang) for step in sent], lang) for lang in LANGUAGES)
        return (f"It would still send {english}. `held` is what the repository has, as HEAD says.",
                f"它还会传输{chinese}。`held` 是仓库里已有的 blob，也就是 HEAD 查到的那些。")
    if answer.steps[0].action is not Action.MOUNT:
        return ("Layer 1 is not in web/nginx yet: it is to be mounted. A blob that is held is not asked for.",
                "第 1 层还不在 web/nginx 里，应当挂载过来。已经在 `held` 里的 blob 就不会去挂载了。")
    return None


def left(answer: object) -> Both | None:
    """`answer` are requests after which a collection leaves what web/base:1 needs, and nothing else."""
    from ..talks import Talk
    from ..transfers import small_images

    if not isinstance(answer, list | tuple) or not all(isinstance(one, str) and one.count(" ") == 1 for one in answer):
        return ('Give a list of requests, such as ["DELETE /v2/web/app/manifests/1"].',
                '请给出请求的列表，例如 ["DELETE /v2/web/app/manifests/1"]。')
    base, app = small_images()
    talk, only = Talk(), Talk()
    only.push(base, "web/base:1")
    for image, name in ((base, "web/base:1"), (app, "web/app:1")):
        talk.push(image, name)
    for line in answer:
        method, _, target = line.partition(" ")
        talk.ask(method, target)
    talk.collect()
    if not _whole(talk, only):
        return ("web/base:1 can no longer be pulled: something that it needs was deleted.",
                "web/base:1 已经拉取不了了：它需要的东西被删掉了。")
    if talk.stored > only.stored:
        return ("More is stored than base needs. A manifest without a tag is still a manifest, and names its blobs: it "
                "is deleted by its digest.",
                "存着的比 base 需要的多。没有标签的清单仍然是清单，仍然引用着它的 blob：要按摘要删除它。")
    return None


def _whole(talk: object, only: object) -> bool:
    """Whether the tag web/base:1 is there, and all that the registry `only` holds."""
    from ..talks import Talk

    assert isinstance(talk, Talk) and isinstance(only, Talk)
    there = set(talk.service.storage.digests())
    tagged = talk.ask("HEAD", "/v2/web/base/manifests/1").status == 200
    return tagged and there >= set(only.service.storage.digests())
