// The probabilities of the classes as bars: a full bar for the averaged weights, a thin one for the raw weights.

import { percent, text } from "./texts.js";

export function best(probabilities) {
  return probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
}

/**
 * Shows bars in `place`, and as numbers the probabilities for the weights of the kind `weights`; `chosen` is the class
 * whose heat map is shown, `choose` is called with another.
 */
export function showBars(place, names, probabilities, weights, chosen, choose) {
  const { average, raw } = probabilities;
  const rows = rowsOf(place, names, choose);
  const shown = probabilities[weights];
  rows.forEach((row, at) => {
    row.classList.toggle("best", at === best(shown));
    row.setAttribute("aria-pressed", at === chosen);
    row.querySelector(".average").style.width = `${100 * (average?.[at] ?? 0)}%`;
    row.querySelector(".raw").style.width = `${100 * (raw?.[at] ?? 0)}%`;
    row.querySelector(".percent").textContent = shown ? percent(shown[at]) : "";
    row.title = ["average", "raw"]
      .map((kind) => `${text(kind)}: ${probabilities[kind] ? percent(probabilities[kind][at]) : "–"}`)
      .join(", ");
  });
}

function rowsOf(place, names, choose) {
  if (place.children.length !== names.length) {
    place.replaceChildren(
      ...names.map((name, at) => {
        const row = document.createElement("button");
        row.className = "bar";
        const label = document.createElement("span");
        label.className = "name";
        label.textContent = name;
        const track = document.createElement("span");
        track.className = "track";
        for (const kind of ["average", "raw"]) {
          const bar = document.createElement("span");
          bar.className = kind;
          track.append(bar);
        }
        const value = document.createElement("span");
        value.className = "percent";
        row.append(label, track, value);
        row.disabled = !choose;
        row.addEventListener("click", () => choose(at));
        return row;
      }),
    );
  }
  return [...place.children];
}

/** Shows the answers of the other runs below each other. */
export function showOthers(place, names, others, weights) {
  if (place.children.length !== others.length) {
    place.replaceChildren(
      ...others.map(() => {
        const section = document.createElement("section");
        const heading = document.createElement("h3");
        const bars = document.createElement("div");
        bars.className = "bars";
        section.append(heading, bars);
        return section;
      }),
    );
  }
  others.forEach((other, at) => {
    const [heading, bars] = place.children[at].children;
    heading.textContent = `${other.title}, ${text("step", { step: other.step })}`;
    showBars(bars, names, other.probabilities, weights, -1, null);
  });
}
