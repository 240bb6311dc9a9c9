// What the network sees, and where its answer comes from.

import { paint, signed } from "./colours.js";
import { text } from "./texts.js";

const get = (name) => document.getElementById(name);

/** Shows that there is no picture yet. */
export function showNoPicture([height, width]) {
  for (const each of ["seen", "heat"]) paint(get(each), width, height, () => [127, 127, 127, 40]);
  document.querySelector("#seen + figcaption").textContent = text("seen", { width, height });
  get("heat-caption").textContent = "";
}

export function showPicture(picture) {
  const [height, width, channels] = picture.shape;
  const at = (x, y, channel) => picture.bytes[(y * width + x) * channels + (channel % channels)];
  paint(get("seen"), width, height, (x, y) => [at(x, y, 0), at(x, y, 1), at(x, y, 2)]);
  document.querySelector("#seen + figcaption").textContent = text("seen", { width, height });
}

/** The heat map over the picture in grey; what counts little lets the picture through. */
export function showHeat(picture, heat, name) {
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
