// The paper: strokes by mouse, finger, pen or keys; or a photograph, or a sample of the data set, on it.

const SIZE = 280;
const SENT = 140; // a drawing's edge as the network's side gets it
const PEN = 20; // an eleventh of a digit's height, as in MNIST
const LONGEST = 512; // a photograph's edge
const STEP = 10; // of the pen by an arrow key
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Paper {
  /** A canvas to draw on; `changed` is called after each change. */
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.changed = changed;
    this.pen = null; // where the keys have moved it, and whether it is down
    this.clear();
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (this.stroke = null));
    canvas.addEventListener("keydown", (event) => this.#press(event));
    canvas.addEventListener("blur", () => ((this.pen = null), this.#show()));
  }

  get isEmpty() {
    return !this.strokes.length && !this.picture;
  }

  /** What there is: "drawing", "photograph" or "sample". */
  get form() {
    return this.picture ? this.picture.form : "drawing";
  }

  clear() {
    this.strokes = [];
    this.picture = this.stroke = null;
    this.#update();
  }

  undo() {
    this.strokes.pop();
    this.picture = null;
    this.#update();
  }

  /** Puts a picture on the paper: what to show, and the pixels to send. */
  place(form, shown, sent) {
    this.strokes = [];
    this.picture = { form, shown, sent };
    this.#update();
  }

  placePhotograph(bitmap) {
    const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    const [width, height] = [bitmap.width, bitmap.height].map((length) => Math.max(1, Math.round(length * scale)));
    const small = new OffscreenCanvas(width, height);
    const context = small.getContext("2d");
    context.fillStyle = "white"; // under what is transparent
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0, width, height);
    this.place("photograph", small, pixels(context, width, height, 3));
  }

  /** The pixels for the network: { width, height, bytes }; `size` is the edge of a drawing. */
  sent(size = SENT) {
    if (this.picture) return this.picture.sent;
    const small = new OffscreenCanvas(size, size).getContext("2d", { willReadFrequently: true });
    small.imageSmoothingQuality = "high";
    this.#show(false);
    small.drawImage(this.canvas, 0, 0, size, size);
    this.#show();
    return pixels(small, size, size, 1);
  }

  /** The pixels to keep. */
  kept() {
    return this.sent(SIZE);
  }

  #begin(event) {
    if (event.button !== 0 || !event.isPrimary) return; // a second finger or the palm
    this.canvas.setPointerCapture(event.pointerId);
    this.#newStroke(this.#place(event));
    this.#update();
  }

  #move(event) {
    if (!this.stroke || !event.isPrimary) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.stroke.push(this.#place(each));
    this.#update();
  }

  #newStroke(point) {
    this.picture = null;
    this.strokes.push((this.stroke = [point]));
  }

  #place(event) {
    const box = this.canvas.getBoundingClientRect();
    const pressure = event.pointerType === "pen" ? 0.5 + event.pressure : 1;
    return [((event.clientX - box.left) * SIZE) / box.width, ((event.clientY - box.top) * SIZE) / box.height, pressure];
  }

  #press(event) {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== " ") return;
    event.preventDefault();
    this.pen ??= { at: [SIZE / 2, SIZE / 4, 1], isDown: false };
    if (arrow) {
      const [x, y] = this.pen.at;
      this.pen.at = [x + STEP * arrow[0], y + STEP * arrow[1]].map((each) => Math.max(0, Math.min(SIZE, each))).concat(1);
      if (this.pen.isDown) this.stroke?.push(this.pen.at);
    } else {
      this.pen.isDown = !this.pen.isDown;
      if (this.pen.isDown) this.#newStroke(this.pen.at);
    }
    if (this.pen.isDown) this.#update();
    else this.#show();
  }

  #update() {
    this.#show();
    this.changed();
  }

  #show(withPen = true) {
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "white";
    context.fillRect(0, 0, SIZE, SIZE);
    if (this.picture) this.#showPicture(context);
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = "black";
    for (const stroke of this.strokes) drawStroke(context, stroke);
    if (this.pen && withPen) {
      context.strokeStyle = "#c75000";
      context.lineWidth = this.pen.isDown ? 6 : 2;
      context.strokeRect(this.pen.at[0] - 8, this.pen.at[1] - 8, 16, 16);
    }
  }

  #showPicture(context) {
    const { shown, form } = this.picture;
    const scale = SIZE / Math.max(shown.width, shown.height);
    const [width, height] = [shown.width * scale, shown.height * scale];
    context.imageSmoothingEnabled = form !== "sample";
    context.drawImage(shown, (SIZE - width) / 2, (SIZE - height) / 2, width, height);
  }
}

function drawStroke(context, stroke) {
  let [x, y] = stroke[0];
  for (const [nextX, nextY, pressure] of stroke) {
    context.lineWidth = PEN * pressure;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(nextX + 0.01, nextY); // a canvas leaves out a line without length
    context.stroke();
    [x, y] = [nextX, nextY];
  }
}

function pixels(context, width, height, channels) {
  const { data } = context.getImageData(0, 0, width, height);
  const bytes = new Uint8Array(width * height * channels);
  for (let at = 0; at < width * height; at++) {
    for (let channel = 0; channel < channels; channel++) bytes[at * channels + channel] = data[4 * at + channel];
  }
  return { width, height, bytes };
}
