// The page: asks about what is on the paper after each change, follows the checkpoints, and shows the answers.

import { ask, Refused } from "./answers.js";
import { paint, SEQUENTIAL, signed } from "./colours.js";
import { changes, showStrip } from "./history.js";
import { Layers } from "./layers.js";
import { Paper } from "./paper.js";
import { best, showBars, showOthers } from "./probabilities.js";
import { connectSources } from "./sources.js";
import { percent, text, translate } from "./texts.js";

const QUIET = 250; // milliseconds without a change until the picture goes through all checkpoints
const PATIENCE = 3000; // until a server that does not answer is asked again

const get = (name) => document.getElementById(name);
const newest = () => page.steps[page.run].at(-1);
const isGrey = () => page.runs[page.run].shape[2] === 1;

const page = { run: 0, weights: "average", step: null, about: -1, steps: [[]], history: [] };
let paper, layers;
let isAsking = false;
let isStale = false;
let timer = null;

/** The parameters that say which network is asked. */
const network = () => ({ run: page.run, weights: page.weights, step: page.step });

function withPicture() {
  const { width, height, bytes } = paper.sent();
  return [{ ...network(), width, height, form: paper.form, about: page.about }, bytes];
}

/** Asks about the picture again; while an answer is awaited, once more after it. */
async function refresh() {
  isStale = true;
  clearTimeout(timer);
  timer = setTimeout(refreshHistory, QUIET);
  if (isAsking) return;
  isAsking = true;
  while (isStale) {
    isStale = false;
    if (paper.isEmpty || newest() === undefined) showNothing();
    else await guarded(async () => showAnswer(await ask("look", ...withPicture())));
  }
  isAsking = false;
}

async function refreshHistory() {
  if (paper.isEmpty || newest() === undefined) return;
  await guarded(async () => {
    page.history = (await ask("history", ...withPicture())).steps;
    showHistory();
  });
}

/** Says what went wrong on the page. */
async function guarded(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof TypeError)) throw error;
    if (error instanceof Refused) showNothing();
    if (!error.isAboutPicture) say(error instanceof Refused ? error.message : text("lost"));
  }
}

function say(line) {
  get("message").textContent = line;
}

function showNothing() {
  get("verdict").textContent = newest() === undefined ? text("waiting") : text(paper.isEmpty ? "nothing" : "noPicture");
  showBars(get("bars"), page.classes, {}, page.weights, -1, chooseClass);
  showOthers(get("other-runs"), page.classes, [], page.weights);
  const [height, width] = page.runs[page.run].shape;
  for (const each of ["seen", "heat"]) paint(get(each), width, height, () => [127, 127, 127, 40]);
  document.querySelector("#seen + figcaption").textContent = text("seen", { width, height });
  get("heat-caption").textContent = "";
  layers.clear();
  page.history = [];
  showHistory();
}

function showAnswer(answer) {
  if (paper.isEmpty) return;
  if (paper.form !== "sample") say("");
  const probabilities = answer.probabilities[page.weights];
  const label = best(probabilities);
  const name = page.classes[label];
  get("verdict").textContent = text("verdict", { name, percent: percent(probabilities[label]) });
  const about = page.about < 0 ? label : page.about;
  showBars(get("bars"), page.classes, answer.probabilities, page.weights, about, chooseClass);
  showOthers(get("other-runs"), page.classes, answer.others, page.weights);
  const [picture, heat, ...activations] = answer.arrays;
  showPicture(picture);
  showHeat(picture, heat, page.classes[about]);
  layers.show(answer.layers, activations);
}

function showPicture(picture) {
  const [height, width, channels] = picture.shape;
  const at = (x, y, channel) => picture.bytes[(y * width + x) * channels + (channel % channels)];
  paint(get("seen"), width, height, (x, y) => [at(x, y, 0), at(x, y, 1), at(x, y, 2)]);
  document.querySelector("#seen + figcaption").textContent = text("seen", { width, height });
}

/** The heat map over the picture in grey; what counts little lets the picture through. */
function showHeat(picture, heat, name) {
  const [height, width, channels] = picture.shape;
  const largest = Math.max(-heat.least, heat.most) || 1;
  paint(get("heat"), width, height, (x, y) => {
    const value = heat.value(y * width + x) / largest;
    const grey = 255 - 0.45 * picture.bytes[(y * width + x) * channels];
    const share = Math.abs(value) < 0.01 ? 0 : Math.sqrt(Math.abs(value)); // a byte does not tell less from nothing
    return signed(Math.sign(value)).map((colour) => Math.round(share * colour + (1 - share) * grey));
  });
  get("heat-caption").textContent = text("heat", { name });
  get("heat").title = text("heatHint");
}

function chooseClass(label) {
  page.about = page.about === label ? -1 : label;
  refresh();
}

function chooseStep(step, weights = page.weights) {
  page.step = step === newest() && get("follow").checked ? null : step;
  get("follow").checked = page.step === null;
  page.weights = weights;
  document.querySelector(`[name=weights][value=${weights}]`).checked = true;
  showHistory();
  refresh();
  layers.refreshFilter();
}

function showHistory() {
  const steps = page.steps[page.run];
  const shown = page.step ?? newest();
  const slider = get("slider");
  slider.max = Math.max(0, steps.length - 1);
  slider.value = steps.indexOf(shown);
  slider.disabled = steps.length < 2;
  const label = shown === undefined ? text("waiting") : text("step", { step: shown });
  slider.setAttribute("aria-valuetext", label);
  get("step").textContent = label;
  showStrip(get("strip"), page.classes, page.history, { step: shown, weights: page.weights }, chooseStep);
  const lines = changes(page.classes, page.history, page.weights);
  get("changes").replaceChildren(
    ...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })),
  );
}

function showRun() {
  const { title, model, dataset, weights } = page.runs[page.run];
  if (!weights.includes(page.weights)) page.weights = weights[0];
  for (const each of document.querySelectorAll("[name=weights]")) {
    each.checked = each.value === page.weights;
    each.disabled = !weights.includes(each.value);
  }
  get("about-run").textContent = `${title} · ${model} · ${dataset}`;
  document.querySelector("h1").textContent = text(isGrey() ? "title" : "titleOther");
}

/** Waits for other checkpoints, for as long as the page is open. */
async function follow() {
  for (;;) {
    try {
      const { seen, steps } = await ask("checkpoints", { seen: page.seen });
      if (seen !== page.seen) showCheckpoints(seen, steps);
    } catch {
      say(text("lost"));
      await new Promise((resolve) => setTimeout(resolve, PATIENCE));
    }
  }
}

function showCheckpoints(seen, steps) {
  const before = newest();
  Object.assign(page, { seen, steps });
  if (page.step !== null && !steps[page.run].includes(page.step)) page.step = null;
  get("follow").checked = page.step === null;
  if (newest() !== undefined && newest() !== before) get("news").textContent = text("newCheckpoint", { step: newest() });
  showHistory();
  refresh();
  layers.refreshFilter();
}

function connect() {
  get("slider").addEventListener("input", (event) => {
    get("follow").checked = false;
    chooseStep(page.steps[page.run][event.target.value]);
  });
  get("follow").addEventListener("change", (event) => {
    page.step = event.target.checked ? null : (newest() ?? null);
    showHistory();
    refresh();
  });
  get("choose-weights").addEventListener("change", (event) => chooseStep(page.step ?? newest(), event.target.value));
  get("run").addEventListener("change", (event) => {
    Object.assign(page, { run: Number(event.target.value), step: null });
    layers.clear();
    showRun();
    showHistory();
    refresh();
  });
  get("clear").addEventListener("click", () => paper.clear());
  get("undo").addEventListener("click", () => paper.undo());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=range], [type=radio], [type=checkbox])")) return;
    document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
  });
}

async function start() {
  Object.assign(page, await ask("runs"));
  translate(document);
  const askForFilter = (layer, place) => ask("filter", { ...network(), layer, place });
  layers = new Layers(get("layer-list"), page.classes, askForFilter);
  paper = new Paper(get("drawing"), () => paper && refresh());
  paint(get("scale"), 256, 1, (x) => SEQUENTIAL[x]);
  get("run").append(...page.runs.map((run, at) => new Option(run.title, at)));
  get("choose-run").hidden = page.runs.length < 2;
  connect();
  connectSources({ page, paper, network, say, guarded });
  showRun();
  showNothing();
  follow();
}

start();
