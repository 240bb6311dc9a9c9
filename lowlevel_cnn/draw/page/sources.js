// Where pictures come from besides the pen (test images, mistakes, photographs), and where they go.

import { ask } from "./answers.js";
import { text } from "./texts.js";

const get = (name) => document.getElementById(name);

export function connectSources({ page, paper, network, say, guarded }) {
  let next = { sample: 0, mistake: 0 }; // the test image that is shown next

  async function showSample(kind) {
    const wrong = kind === "mistake" ? 1 : null;
    await guarded(async () => {
      const { number, label, arrays } = await ask("sample", { ...network(), number: next[kind], wrong });
      next[kind] = number + 1;
      paper.place("sample", shown(arrays[0]), sent(arrays[0]));
      say(text("sampleIs", { number, name: page.classes[label] }));
    });
  }

  async function showFile(file) {
    try {
      paper.placePhotograph(await createImageBitmap(file));
    } catch {
      say(text("notAPicture"));
    }
  }

  async function collect(label) {
    if (paper.isEmpty) return;
    const { width, height, bytes } = paper.kept();
    await guarded(async () => {
      const { name } = await ask("collect", { label, width, height }, bytes);
      say(text("collected", { name: page.classes[label], file: name }));
    });
  }

  get("sample").addEventListener("click", () => showSample("sample"));
  get("mistake").addEventListener("click", () => showSample("mistake"));
  get("open").addEventListener("click", () => get("file").click());
  get("file").addEventListener("change", (event) => event.target.files[0] && showFile(event.target.files[0]));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) showFile(event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", (event) => event.clipboardData.files[0] && showFile(event.clipboardData.files[0]));
  get("save").addEventListener("click", () => get("drawing").toBlob(download));
  if (page.collects) {
    get("collect").hidden = false;
    get("labels").append(...page.classes.map((name, label) => labelButton(name, label, () => collect(label))));
  }
}

function labelButton(name, label, collect) {
  const button = document.createElement("button");
  button.textContent = name;
  if (label < 10) button.dataset.key = label;
  button.addEventListener("click", collect);
  return button;
}

function download(blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = "drawing.png";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}

/** A test image as it is sent: its bytes, which the packing has not changed where they span 0 to 255. */
function sent(picture) {
  const [height, width] = picture.shape;
  const bytes = Uint8Array.from(picture.bytes, (_, at) => Math.round(picture.value(at)));
  return { width, height, bytes };
}

/** A test image for the eye: dark on white where it is grey. */
function shown(picture) {
  const [height, width, channels] = picture.shape;
  const canvas = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  for (let at = 0; at < width * height; at++) {
    const values = [0, 1, 2].map((channel) => picture.value(at * channels + (channel % channels)));
    image.data.set([...values.map((value) => (channels === 1 ? 255 - value : value)), 255], 4 * at);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}
