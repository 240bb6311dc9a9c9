// The page: asks about what is on the paper after each change, follows the checkpoints, and shows the answers.

import { ask, Refused } from "./answers.js";
import { paint, SEQUENTIAL } from "./colours.js";
import { changes, showStrip } from "./history.js";
import { Layers } from "./layers.js";
import { Paper } from "./paper.js";
import { showHeat, showNoPicture, showPicture } from "./pictures.js";
import { best, showBars, showOthers } from "./probabilities.js";
import { connectSources } from "./sources.js";
import { percent, text, translate } from "./texts.js";

const QUIET = 250; // milliseconds without a change until the picture goes through all checkpoints
const PATIENCE = 3000; // until a server that does not answer is asked again

const get = (name) => document.getElementById(name);
const newest = () => page.steps[page.run].at(-1);
const isOfDigits = () => page.classes.every((name) => /^\d$/.test(name));

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
  get("strip").setAttribute("aria-busy", true);
  if (isAsking) return;
  isAsking = true;
  while (isStale) {
    isStale = false;
    if (paper.isEmpty || newest() === undefined) showNothing();
    else await guarded(async () => showAnswer(await ask("look", ...withPicture())), showNothing);
  }
  isAsking = false;
}

async function refreshHistory() {
  const asked = timer;
  if (!paper.isEmpty && newest() !== undefined) {
    await guarded(async () => {
      const { steps } = await ask("history", ...withPicture());
      if (paper.isEmpty) return;
      page.history = steps;
      showHistory();
    });
  }
  if (asked === timer) get("strip").setAttribute("aria-busy", false);
}

/** Says on the page what the server has refused. */
async function guarded(work, refused = () => {}) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code) refused();
    if (!error.isAboutPicture) say(error.message);
  }
}

function say(line) {
  get("message").textContent = line;
}

function showNothing() {
  get("verdict").textContent = newest() === undefined ? text("waiting") : text(paper.isEmpty ? "nothing" : "noPicture");
  showBars(get("bars"), page.classes, {}, page.weights, -1, chooseClass);
  showOthers(get("other-runs"), page.classes, [], page.weights);
  showNoPicture(page.runs[page.run].shape);
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
  document.querySelector("h1").textContent = text(isOfDigits() ? "title" : "titleOther");
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
  get("clear").addEventListener("click", () => {
    page.about = -1;
    paper.clear();
  });
  get("undo").addEventListener("click", () => paper.undo());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select")) return;
    document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
  });
}

async function start() {
  Object.assign(page, await ask("runs"));
  translate(document);
  const askForFilter = async (layer, place) => {
    let found = null;
    await guarded(async () => (found = await ask("filter", { ...network(), layer, place })));
    return found;
  };
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
