"""The headings and the names of rows of the measured tables in Chinese; the figures are the same."""

from __future__ import annotations

_CELLS = {
    "goal": "目标",
    "ms a step": "每步毫秒",
    "ours, ms a step": "本项目，每步毫秒",
    "times ours": "本项目的倍数",
    "test loss": "测试损失",
    "seconds": "秒数",
    "network": "网络",
    "matrix products alone": "只做矩阵乘法",
    "images a batch, ms a step": "批大小，每步毫秒",
    "times the channels, ms a step": "通道数的倍数，每步毫秒",
    "training images, MB resident": "训练图片数，占用内存 MB",
    "10,000 test images, restore included": "评估 10,000 张测试图片，含读取检查点",
    "85 % of what matrix products allow": "矩阵乘法速度所允许的 85 %",
    "processor time of one poll of an idle evaluator": "评估程序空闲时，每次轮询的处理器时间",
    "a trainer beside an evaluator, longer than alone": "训练程序与评估程序同时运行，比单独运行多用",
    "at most the processor time of the evaluations": "不超过各次评估的处理器时间",
    "from the command to the first step, its checkpoint saved, beyond `import tensorflow`": (
        "从输入命令到第一步的检查点保存完毕，不计 `import tensorflow`"
    ),
    "`inspect` of a checkpoint of `book-lenet`, beyond `import tensorflow`": (
        "`inspect` 一个 `book-lenet` 的检查点，不计 `import tensorflow`"
    ),
    "memory of `train` on MNIST, beyond `import tensorflow`": "`train` 在 MNIST 上占用的内存，不计 `import tensorflow`",
    "memory of `train` on CIFAR-10, beyond `import tensorflow`": (
        "`train` 在 CIFAR-10 上占用的内存，不计 `import tensorflow`"
    ),
    "a checkpoint (13 MB, flushed to disk, old ones deleted) delays training by": (
        "保存一个检查点（13 MB，写入磁盘，删除旧的）使训练推迟"
    ),
    "less than a step": "不到一步",
    "reading and checking MNIST": "读取并检查 MNIST",
    "AVX-512 held to AVX2": "只用 AVX2 的 AVX-512",
}
_WITHIN_FIGURES = {
    ", the first time ": "，第一次 ",
    " s: ": " s：",
    " s of ": " s，单独运行 ",
    " s; ": " s；各次评估 ",
    "; a step takes ": "；一步需要 ",
}


def in_chinese(line: str) -> str:
    """Return a row of a table with the cells that have a name in Chinese."""
    return f"| {' | '.join(map(_cell, line[2:-2].split(' | ')))} |"


def _cell(cell: str) -> str:
    machine, colon, what = cell.rpartition(": ")
    if colon and what in _CELLS:
        return f"{_CELLS.get(machine, machine)}：{_CELLS[what]}"
    other, comma, times = cell.rpartition(", ")
    if comma and times == "times ours":
        machine, colon, name = other.rpartition(": ")
        return f"{_CELLS.get(machine, machine)}{'：' if colon else ''}{name}，{_CELLS[times]}"
    for english, chinese in _WITHIN_FIGURES.items():
        cell = cell.replace(english, chinese)
    return _CELLS.get(cell, cell)
