// One picture through all checkpoints: a row a kind of weights, a column a step, and where the answer changed.

import { best } from "./probabilities.js";
import { percent, text } from "./texts.js";

/** Shows the strip; `chosen` has a step and a kind of weights, and `choose` is called with others. */
export function showStrip(place, names, steps, chosen, choose) {
  const table = document.createElement("table");
  for (const kind of ["average", "raw"]) {
    const row = table.insertRow();
    const heading = document.createElement("th");
    heading.scope = "row";
    heading.textContent = text(kind);
    row.append(heading);
    for (const each of steps) cell(row.insertCell(), names, each, kind, chosen, choose);
  }
  const last = table.insertRow();
  last.append(document.createElement("th"));
  for (const { step } of steps) last.insertCell().textContent = step;
  place.replaceChildren(table);
  place.querySelector("[aria-pressed=true]")?.parentElement.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function cell(place, names, found, kind, chosen, choose) {
  const button = document.createElement("button");
  const label = best(found[kind]);
  button.textContent = label < 0 ? "–" : names[label];
  button.style.setProperty("--sure", label < 0 ? 0 : found[kind][label]);
  button.title = `${text("step", found)}, ${text(kind)}${label < 0 ? "" : `: ${percent(found[kind][label])}`}`;
  button.setAttribute("aria-pressed", found.step === chosen.step && kind === chosen.weights);
  button.addEventListener("click", () => choose(found.step, kind));
  place.append(button);
}

/** The lines that say at which steps the answer changed, the newest first. */
export function changes(names, steps, kind) {
  const found = steps.map((each) => ({ step: each.step, label: best(each[kind]) })).filter((each) => each.label >= 0);
  const lines = [];
  for (let at = 1; at < found.length; at++) {
    const [before, after] = [names[found[at - 1].label], names[found[at].label]];
    if (before !== after) lines.unshift(text("change", { step: found[at].step, before, after }));
  }
  if (!lines.length && found.length > 1) lines.push(text("steady", { name: names[found[0].label], count: found.length }));
  return lines;
}
