// Every text of the page, in English and Chinese, and the choice between them by the browser's languages.

export const TEXTS = {
  en: {
    title: "Draw a digit",
    titleOther: "Draw or drop a picture",
    run: "Run",
    weights: "Weights",
    average: "averaged",
    raw: "raw",
    drawHere: "Drawing area. Draw with mouse, finger or pen; with the keyboard, arrow keys move the pen and space lowers or lifts it.",
    clear: "Clear",
    undo: "Undo",
    save: "Save the picture",
    sample: "Test image",
    mistake: "Next mistake",
    photograph: "Open a photograph",
    thisIs: "This is a",
    nothing: "Draw here, or drop a picture",
    noPicture: "There is no picture to be recognized yet",
    verdict: "{name}: {percent}",
    seen: "What the network sees: {width} × {height}",
    heat: "Where “{name}” comes from: orange speaks for it, blue against it",
    heatHint: "gradient times input; choose another class above",
    checkpoints: "The same picture at every checkpoint",
    checkpoint: "Checkpoint",
    follow: "follow the newest",
    step: "step {step}",
    waiting: "Waiting for the first checkpoint",
    newCheckpoint: "New checkpoint: step {step}",
    change: "step {step}: it was {before}, now it is {after}",
    steady: "{name} at all {count} checkpoints",
    layers: "What every layer makes of it",
    least: "smallest value",
    most: "largest value",
    maps: "{count} maps of {height} × {width}",
    nodes: "{count} values",
    parameters: "{count} parameters",
    place: "Number {place} of {count}: {size}, from {least} to {most}",
    value: "Number {place} of {count}: {value}",
    pooling: "Each value is taken from {height} × {width} values of the layer before it",
    filter: "Its filter: {height} × {width} × {channels}, from {least} to {most}",
    nodeWeights: "Its {count} weights, from {least} to {most}",
    mosaic: "{name}: {count} maps; arrow keys choose one",
    sampleIs: "Test image {number}: labelled {name}",
    noMistakes: "No mistakes on the test images",
    collected: "Added as {name}: {file}",
    lost: "The server does not answer; start lowlevel-cnn draw again",
    notAPicture: "This file is not a picture that the browser can read",
  },
  zh: {
    title: "手写一个数字",
    titleOther: "画一幅图或拖入照片",
    run: "运行",
    weights: "权重",
    average: "滑动平均",
    raw: "未平均",
    drawHere: "画板。用鼠标、手指或手写笔书写；用键盘时，方向键移动笔，空格键落笔或抬笔。",
    clear: "清空",
    undo: "撤销",
    save: "保存图片",
    sample: "测试图片",
    mistake: "下一个错误",
    photograph: "打开照片",
    thisIs: "这是",
    nothing: "在这里书写，或拖入图片",
    noPicture: "还没有可以识别的图像",
    verdict: "{name}：{percent}",
    seen: "网络看到的图像：{width} × {height}",
    heat: "“{name}”的依据：橙色支持，蓝色反对",
    heatHint: "梯度乘以输入；可在上面选择其他类别",
    checkpoints: "同一幅图在每个检查点上的结果",
    checkpoint: "检查点",
    follow: "跟随最新的检查点",
    step: "第 {step} 步",
    waiting: "正在等待第一个检查点",
    newCheckpoint: "新的检查点：第 {step} 步",
    change: "第 {step} 步：原来是 {before}，现在是 {after}",
    steady: "{count} 个检查点的结果都是 {name}",
    layers: "每一层的输出",
    least: "最小值",
    most: "最大值",
    maps: "{count} 个 {height} × {width} 的特征图",
    nodes: "{count} 个节点",
    parameters: "{count} 个参数",
    place: "第 {place} 个，共 {count} 个：{size}，从 {least} 到 {most}",
    value: "第 {place} 个，共 {count} 个：{value}",
    pooling: "每个值取自前一层的 {height} × {width} 个值",
    filter: "它的过滤器：{height} × {width} × {channels}，从 {least} 到 {most}",
    nodeWeights: "它的 {count} 个权重，从 {least} 到 {most}",
    mosaic: "{name}：{count} 个特征图；用方向键选择",
    sampleIs: "第 {number} 张测试图片：标签为 {name}",
    noMistakes: "测试图片全部识别正确",
    collected: "已保存为 {name}：{file}",
    lost: "服务器没有响应；请重新运行 lowlevel-cnn draw",
    notAPicture: "浏览器无法读取这个文件",
  },
};

const language = navigator.languages.map((each) => each.slice(0, 2)).find((each) => each in TEXTS) ?? "en";

/** The text of this name in the reader's language, with values in place of {names}. */
export function text(name, values = {}) {
  return TEXTS[language][name].replace(/\{(\w+)\}/g, (_, each) => values[each]);
}

/** Puts the texts into all elements that ask for one. */
export function translate(page) {
  page.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const each of page.querySelectorAll("[data-text]")) each.textContent = text(each.dataset.text);
  for (const each of page.querySelectorAll("[data-label]")) each.setAttribute("aria-label", text(each.dataset.label));
  for (const each of page.querySelectorAll("[data-key]")) {
    const key = page.createElement("kbd");
    key.textContent = each.dataset.key.toUpperCase();
    each.append(" ", key);
  }
}

export const number = (value) => Number(value.toPrecision(3)).toLocaleString(language);
export const percent = (value) => `${(100 * value).toFixed(1)} %`;
