// Ask the server, and unpack its binary answers (lowlevel_cnn/draw/packing.py says how they are packed).

import { text } from "./texts.js";

export class Refused extends Error {
  /** The reason, and the code of the answer; 0 without an answer. */
  constructor(message, code) {
    super(message);
    this.code = code;
    this.isAboutPicture = code === 415; // there is nothing on it to be recognized, or not yet
  }
}

/** The answer to a question: an object, with `arrays` by name and in order where it is a binary one. */
export async function ask(question, parameters = {}, body = undefined) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== null));
  const asked = fetch(`/api/${question}?${query}`, { method: body ? "POST" : "GET", body });
  const response = await asked.catch(() => {
    throw new Refused(text("lost"), 0);
  });
  if (!response.ok) throw new Refused((await response.json()).error, response.status);
  if (response.headers.get("Content-Type").startsWith("application/json")) return response.json();
  return unpacked(await response.arrayBuffer());
}

function unpacked(message) {
  const length = new DataView(message).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 4, length)));
  let place = 4 + length;
  for (const each of header.arrays) {
    const size = each.shape.reduce((product, count) => product * count, 1);
    each.bytes = new Uint8Array(message, place, size);
    each.value = (at) => each.least + (each.bytes[at] / 255) * (each.most - each.least);
    place += size;
  }
  return header;
}
