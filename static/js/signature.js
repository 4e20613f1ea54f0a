// A canvas to sign on. The hidden input carries {"strokes": [...], "png": "data:..."} as JSON.
import SignaturePad from "../vendor/signature_pad/signature_pad.min.js";

function fit(canvas, pad) {
  const ratio = Math.max(window.devicePixelRatio || 1, 1);
  const { width, height } = canvas.getBoundingClientRect();
  if (!width || (canvas.width === Math.round(width * ratio) && canvas.height === Math.round(height * ratio))) return;
  const strokes = pad.toData();
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.getContext("2d").scale(ratio, ratio);
  pad.fromData(strokes);
}

function start(box) {
  const canvas = box.querySelector("canvas");
  const input = box.querySelector("input");
  const undo = box.querySelector("[data-signature-undo]");
  const clear = box.querySelector("[data-signature-clear]");
  // Ink on paper in both themes: the picture is kept as evidence and printed.
  const pad = new SignaturePad(canvas, { penColor: "#17202a", backgroundColor: "rgb(255,255,255)", minWidth: 0.8, maxWidth: 2.8 });
  const sync = () => {
    const empty = pad.isEmpty();
    input.value = empty ? "" : JSON.stringify({ strokes: pad.toData(), png: pad.toDataURL("image/png") });
    box.classList.toggle("is-signed", !empty);
    undo.disabled = empty;
    clear.disabled = empty;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const kept = input.value;
  fit(canvas, pad);
  if (kept) pad.fromData(JSON.parse(kept).strokes);
  sync();
  pad.addEventListener("endStroke", sync);
  clear.addEventListener("click", () => {
    pad.clear();
    sync();
  });
  undo.addEventListener("click", () => {
    pad.fromData(pad.toData().slice(0, -1));
    sync();
  });
  new ResizeObserver(() => fit(canvas, pad)).observe(canvas);
}

export function signatures(root) {
  for (const box of root.querySelectorAll("[data-signature]")) {
    if (box.dataset.started) continue;
    box.dataset.started = "1";
    start(box);
  }
}
