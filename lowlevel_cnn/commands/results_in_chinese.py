"""The results table in Chinese: the same rows, with headings and remarks in Chinese."""

from __future__ import annotations

_LINES = {
    "## The networks": "## 各个网络",
    "## The ladder of the book's network": "## 书中网络的逐级改进",
    "## The ladder of the Fashion-MNIST article": "## Fashion-MNIST 文章中的逐级改进",
    "## Networks from files": "## 文件中的网络",
    "## Every run": "## 每一次训练",
    "| model | data set | reported | ours: median | lowest | highest | seeds |": (
        "| 模型 | 数据集 | 原文报告 | 本项目：中位数 | 最低 | 最高 | 种子数 |"
    ),
    "| file | median | lowest | highest | seeds |": "| 文件 | 中位数 | 最低 | 最高 | 种子数 |",
    "| model | seed | steps | averaged weights | raw weights | seconds |": (
        "| 模型 | 种子 | 步数 | 滑动平均 | 未平均的权重 | 秒数 |"
    ),
}
_REMARKS = {
    "book-lenet": "低于文章报告的正确率：第 6 章公开的代码训练 6,000 步，用它的设置训练到第 6,001 步时是 98.18 %"
    "（种子 0，见上文），到第 5 章的 30,000 步时仍上升；同一网络换成 `book-lenet-fast` 的训练方法，可以达到文章的数字",
    "book-lenet-fast": "训练方法是本项目的；“原文报告”一栏是文章对这个网络给出的数字",
    "book-lenet-99": "只训练 300 步，即半轮，只求快；“原文报告”一栏是文章对这个网络给出的数字",
    "book-lenet-best": "用变形的图片训练；“原文报告”一栏是文章对这个网络给出的数字",
    "lenet-5": "文章只给出各层；ReLU、最大池化、Adam、20 轮训练和平移一个像素是本项目的选择",
    "layers-guide": "比教程的数字低 0.1 到 0.3 个百分点，只用 `tf.compat.v1` 写出的教程网络也是如此（见上文）："
    "学习率 0.001 对 20,000 步来说太小；改为 0.01，3,001 步就超过教程的数字，5,500 步达到 98.20 %（种子 0）",
    "mastering-cifar10-tf": "各层、缩放和训练轮数取自书页，其余取自 notebook：标准差 0.01，RMSProp，批大小 128，"
    "训练时 `keep_prob` 也是 1；notebook 自己打印的是 62.95 %。"
    "原文没有滑动平均；不用滑动平均时，这里的结果在这两个数字上下："
    "62.77 到 63.99 %",
    "mastering-cifar10-keras": "各层、dropout 和训练轮数取自书页，RMSProp 和批大小 128 取自 notebook，"
    "后者自己打印的是 71.26 %；均方的初始值与 TensorFlow 的 RMSProp 相同。"
    "原文没有滑动平均；不用滑动平均时，这里的结果在这两个数字之间：73.04 到 73.82 %",
    "fashion-cnn": "只比 `fashion-ladder-steps` 多两处 0.25 的 dropout：加上它们，1,500 步时的正确率低半个百分点；"
    "文章说是 89 到 90 %",
}
_CELLS = {"not run yet": "尚未运行", "interrupted": "曾中断"}


def in_chinese(text: str) -> str:
    """Return the Markdown text of `results_table.markdown` with its headings and remarks in Chinese."""
    return "\n".join(map(_line, text.split("\n")))


def _line(line: str) -> str:
    if line.startswith("- `"):
        name = line.split("`")[1]
        return f"- `{name}`：{_REMARKS[name]}" if name in _REMARKS else line
    for english, chinese in _CELLS.items():
        line = line.replace(f"| {english} |", f"| {chinese} |")
    return _LINES.get(line, line)
