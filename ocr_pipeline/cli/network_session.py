"""`sohoa learn --network`: what would be used, how it goes, what came of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ocr_pipeline.cli.commands.network import account
from ocr_pipeline.cli.network_tables import tell_figures, tell_plan
from ocr_pipeline.cli.output import progress, say
from ocr_pipeline.errors import ExitCode, Text
from ocr_pipeline.learning.network_learning import (
    LearningSummary,
    LearningWishes,
    learn_network,
    plan_learning,
    require_training_extra,
)
from ocr_pipeline.store.workspace import Workspace

_BROKEN_RULES = {
    "characters_wrong": Text(
        "Chưa đạt: ký tự sai không giảm đủ", "Not kept: too few characters are read better"
    ),
    "fields_right": Text("Chưa đạt: ít trường đúng hơn", "Not kept: fewer fields are right"),
    "accepted_wrong": Text(
        "Chưa đạt: trong số được chấp nhận, tỷ lệ sai cao hơn",
        "Not kept: of the accepted a larger share is wrong",
    ),
    "unseen_changed": Text(
        "Chưa đạt: quá nhiều trường đã chấp nhận mà chưa ai xem nay đọc khác",
        "Not kept: too many accepted fields that nobody looked at are read otherwise",
    ),
}
"""What is said of the rules that `NetworkComparison.faults` names."""


def learn_and_tell(
    ws: Workspace,
    *,
    only_list: bool = False,
    seed: int | None = None,
    minutes: float | None = None,
    promote: bool = True,
    others: Sequence[Workspace] = (),
    arguments: Sequence[str] | None = None,
) -> ExitCode:
    """Make a network from the corrections of an office; what is used is told before.

    Args:
        ws: the workspace whose networks learn.
        only_list: tell what would be used, and use nothing.
        seed: of all chance; that of the rules when None.
        minutes: after which it is left; those of the rules when None.
        promote: put the new network into use if it is better.
        others: further workspaces of the same office.
        arguments: of the command, for the record; those of the process when None.

    Raises:
        UsageError: nobody has allowed to learn from one of these workspaces.
        BadInputError: there are too few corrections.
        MachineError: see `learn_network`.

    """
    books, sides = plan_learning(ws, others=others)
    tell_plan(books, sides)
    if only_list:
        return ExitCode.DONE
    require_training_extra()
    typed = sys.argv[1:] if arguments is None else arguments
    command = " ".join(["sohoa", *typed])
    wishes = LearningWishes(command, account(), seed, minutes, promote)
    with progress(Text("Đang học", "Learning"), None) as bar:

        def told(step: int, steps: int) -> None:
            if step == 1:
                bar.total(steps)
            bar.step()

        found = learn_network(ws, wishes, told=told, others=others)
    return _tell(found)


def _tell(found: LearningSummary) -> ExitCode:
    if found.record is None:
        say(
            Text(
                "Hết thời gian, chưa học xong; chạy lại cùng lệnh để học tiếp. Mạng đang dùng vẫn "
                "giữ nguyên",
                "The time is over before the end; run the same command to go on. The network in "
                "use stays",
            )
        )
        return ExitCode.FAILURES
    tell_figures(found.record)
    name = found.network
    if found.promoted:
        say(
            Text(
                f"Mạng {name} đọc tốt hơn: máy đọc bằng mạng này từ lần chạy sau. Trở lại: sohoa "
                "network rollback",
                f"Network {name} reads better: the next run reads with it. To go back: sohoa "
                "network rollback",
            )
        )
    elif found.record.better:
        say(
            Text(
                f"Mạng {name} đọc tốt hơn, chưa đưa vào dùng. Đưa vào dùng: sohoa network promote",
                f"Network {name} reads better, it is not in use. To use it: sohoa network promote",
            )
        )
    else:
        say(
            Text(
                f"Mạng {name} chưa đủ tốt hơn nên không được đưa vào dùng; được giữ lại cùng số "
                "liệu. Mạng đang dùng vẫn giữ nguyên",
                f"Network {name} is not better by the rules and is not in use; it is kept with its "
                "figures. The network in use stays",
            )
        )
        for broken in found.record.faults:
            say(_BROKEN_RULES[broken])
        say(
            Text(
                f"Xem số liệu rồi vẫn muốn dùng: sohoa network promote {name}",
                f"To use it all the same: look at the figures, then sohoa network promote {name}",
            )
        )
    return ExitCode.DONE
