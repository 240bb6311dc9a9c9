// Colours that readers with any colour vision tell apart: viridis for sizes, blue and orange for signs.

const VIRIDIS = ["440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725"].map(rgb);
const AGAINST = rgb("2166ac");
const NEUTRAL = rgb("f7f7f7");
const FOR = rgb("c75000");

function rgb(text) {
  return [0, 2, 4].map((at) => parseInt(text.slice(at, at + 2), 16));
}

function between(first, second, share) {
  return first.map((value, at) => Math.round(value + share * (second[at] - value)));
}

/** The colours of the bytes 0 to 255, from the smallest to the largest value. */
export const SEQUENTIAL = Array.from({ length: 256 }, (_, byte) => {
  const place = (byte / 255) * (VIRIDIS.length - 1);
  const below = Math.min(Math.floor(place), VIRIDIS.length - 2);
  return between(VIRIDIS[below], VIRIDIS[below + 1], place - below);
});

/** The colour of a value between -1 and 1. */
export function signed(value) {
  return between(NEUTRAL, value < 0 ? AGAINST : FOR, Math.min(1, Math.abs(value)));
}

/** Fills a canvas of width x height pixels with the colours [red, green, blue, opacity] of each. */
export function paint(canvas, width, height, colour) {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  for (let at = 0; at < width * height; at++) {
    const [red, green, blue, opacity = 255] = colour(at % width, Math.floor(at / width));
    image.data.set([red, green, blue, opacity], 4 * at);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}
