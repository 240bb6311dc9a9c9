// The activations of every layer as mosaics of maps; the map that is clicked is shown with its filter and size.

import { paint, SEQUENTIAL, signed } from "./colours.js";
import { number, text } from "./texts.js";

const MAP = 46; // pixels on the page that a map wants at least,
const SMALL_MAP = 34; // and on a page narrower than this
const NARROW = 500;
const NODE = 9;
const FEW = 20; // nodes that are shown as numbers
const ARROWS = { ArrowLeft: () => -1, ArrowRight: () => 1, ArrowUp: (columns) => -columns, ArrowDown: (columns) => columns };

export class Layers {
  /** `askForFilter(layer, place)` returns what is behind a map, or null. */
  constructor(place, names, askForFilter) {
    this.place = place;
    this.names = names;
    this.askForFilter = askForFilter;
    this.chosen = null; // { layer, place }
    new ResizeObserver(() => this.arrays && this.show(this.layers, this.arrays)).observe(place);
  }

  /** Shows the arrays of the layers: `[height, width, maps]` or `[nodes]` each. */
  show(layers, arrays) {
    [this.layers, this.arrays] = [layers, arrays];
    if (this.place.children.length !== arrays.length) {
      this.chosen = null;
      this.place.replaceChildren(...arrays.map((array, at) => this.#section(array, at)));
    }
    arrays.forEach((array, at) => this.#showLayer(this.place.children[at], array, at));
    this.#showChosen();
  }

  clear() {
    this.arrays = null;
    this.place.replaceChildren();
  }

  #section(array, at) {
    const section = document.createElement("section");
    section.className = "layer";
    const heading = document.createElement("h3");
    heading.append(array.name, document.createElement("small"));
    const canvas = document.createElement("canvas");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", text("mosaic", { name: array.name, count: array.shape.at(-1) }));
    canvas.addEventListener("click", (event) => this.#choose(at, placeAt(event, canvas, array, this.#columns(array))));
    canvas.addEventListener("keydown", (event) => this.#press(event, at));
    const values = document.createElement("p");
    values.className = "values";
    section.append(heading, canvas, values);
    return section;
  }

  #columns(array) {
    const width = this.place.clientWidth;
    const map = width < NARROW ? SMALL_MAP : MAP;
    const wanted = array.shape.length === 3 ? Math.max(map, array.shape[1] + 1) : NODE;
    return Math.max(1, Math.min(array.shape.at(-1), Math.floor(width / wanted)));
  }

  #showLayer(section, array, at) {
    const [heading, canvas, values] = section.children;
    const count = array.shape.at(-1);
    const [height, width] = array.shape.length === 3 ? array.shape : [];
    const size = text(height ? "maps" : "nodes", { count, height, width });
    const parameters = this.layers[at].parameters;
    const learned = parameters ? ` · ${text("parameters", { count: parameters.toLocaleString() })}` : "";
    heading.lastChild.textContent = ` ${size}${learned}`;
    const isShort = !height && count <= FEW;
    canvas.hidden = isShort;
    if (isShort) {
      values.replaceChildren(...[...array.bytes].map((_, node) => this.#value(array, at, node)));
      return;
    }
    const place = this.chosen?.layer === at ? this.chosen.place : -1;
    mosaic(canvas, array, this.#columns(array), place, (byte) => SEQUENTIAL[byte]);
  }

  #value(array, layer, node) {
    const button = document.createElement("button");
    const name = this.names.length === array.bytes.length ? this.names[node] : node + 1;
    button.textContent = `${name}: ${array.value(node).toFixed(1)}`;
    button.setAttribute("aria-pressed", this.chosen?.layer === layer && this.chosen.place === node);
    button.addEventListener("click", () => this.#choose(layer, node));
    return button;
  }

  #press(event, layer) {
    const array = this.arrays[layer];
    const move = ARROWS[event.key]?.(this.#columns(array));
    if (!move) return;
    event.preventDefault();
    const from = this.chosen?.layer === layer ? this.chosen.place : -1;
    const to = from < 0 ? 0 : from + move;
    if (to >= 0 && to < array.shape.at(-1)) this.#choose(layer, to);
  }

  async #choose(layer, place) {
    if (place < 0) return;
    const isSame = this.chosen?.layer === layer && this.chosen.place === place;
    this.chosen = isSame ? null : { layer, place };
    document.getElementById("detail")?.remove();
    this.show(this.layers, this.arrays);
    if (!this.chosen) return;
    const chosen = this.chosen;
    const filter = await this.askForFilter(layer, place);
    if (filter && chosen === this.chosen) this.#showFilter(filter);
  }

  /** Asks again for the filter, which another checkpoint has otherwise. */
  async refreshFilter() {
    const chosen = this.chosen;
    if (!chosen || !this.arrays) return;
    const filter = await this.askForFilter(chosen.layer, chosen.place);
    if (filter && chosen === this.chosen && this.arrays) this.#showFilter(filter);
  }

  #showChosen() {
    if (!this.chosen) return;
    const { layer, place } = this.chosen;
    const array = this.arrays[layer];
    const count = array.shape.at(-1);
    let detail = document.getElementById("detail");
    if (!detail) {
      detail = document.createElement("div");
      detail.id = "detail";
      detail.append(figure("chosen-map"), figure("chosen-filter"));
      this.place.children[layer].append(detail);
    }
    const [canvas, caption] = detail.firstChild.children;
    canvas.hidden = array.shape.length === 1;
    if (array.shape.length === 1) {
      caption.textContent = text("value", { place: place + 1, count, value: number(array.value(place)) });
      return;
    }
    const [height, width] = array.shape;
    const bytes = array.bytes.filter((_, at) => at % count === place);
    paint(canvas, width, height, (x, y) => SEQUENTIAL[bytes[y * width + x]]);
    const value = (byte) => number(array.least + (byte / 255) * (array.most - array.least));
    const [least, most] = [Math.min(...bytes), Math.max(...bytes)].map(value);
    caption.textContent = text("place", { place: place + 1, count, size: `${height} × ${width}`, least, most });
  }

  #showFilter({ window, arrays }) {
    const [canvas, caption] = document.querySelector("#detail").lastChild.children;
    const [weights] = arrays;
    canvas.hidden = !weights;
    if (!weights) {
      caption.textContent = window ? text("pooling", { height: window[0], width: window[1] }) : "";
      return;
    }
    const [least, most] = [number(weights.least), number(weights.most)];
    const [height, width, channels] = weights.shape;
    caption.textContent = window
      ? text("filter", { height, width, channels, least, most })
      : text("nodeWeights", { count: weights.bytes.length, least, most });
    const largest = Math.max(-weights.least, weights.most) || 1;
    const colour = (byte) => signed((weights.least + (byte / 255) * (weights.most - weights.least)) / largest);
    const columns = Math.ceil(Math.sqrt(weights.shape.at(-1) * (window ? 1 : 1.5)));
    mosaic(canvas, weights, columns, -1, colour);
  }
}

function figure(name) {
  const made = document.createElement("figure");
  made.className = name;
  made.append(document.createElement("canvas"), document.createElement("figcaption"));
  return made;
}

/** Paints maps side by side with a gap of one pixel between and around them; nodes are maps of one pixel. */
function mosaic(canvas, array, columns, chosen, colour) {
  const count = array.shape.at(-1);
  const [height, width] = array.shape.length === 3 ? array.shape : [1, 1];
  const gap = width > 1 ? 1 : 0;
  const rows = Math.ceil(count / columns);
  paint(canvas, columns * (width + gap) + gap, rows * (height + gap) + gap, (x, y) => {
    const [column, row] = [Math.floor((x - gap) / (width + gap)), Math.floor((y - gap) / (height + gap))];
    const [left, top] = [(x - gap) % (width + gap), (y - gap) % (height + gap)];
    const place = row * columns + column;
    const isInside = left >= 0 && top >= 0 && left < width && top < height && place < count;
    if (isInside) return colour(array.bytes[(top * width + left) * count + place]);
    return isFrame(x, y, chosen, columns, width + gap, height + gap) ? [199, 80, 0] : [0, 0, 0, 0];
  });
  canvas.style.aspectRatio = `${canvas.width} / ${canvas.height}`;
}

function isFrame(x, y, chosen, columns, width, height) {
  if (chosen < 0) return false;
  const [left, top] = [(chosen % columns) * width, Math.floor(chosen / columns) * height];
  return x >= left && x <= left + width && y >= top && y <= top + height;
}

function placeAt(event, canvas, array, columns) {
  const box = canvas.getBoundingClientRect();
  const rows = Math.ceil(array.shape.at(-1) / columns);
  const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
  const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
  const place = row * columns + column;
  return column < columns && place < array.shape.at(-1) ? place : -1;
}
