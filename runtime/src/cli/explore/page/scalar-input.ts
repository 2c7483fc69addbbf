/** Controls for one value that is no message: text that is typed, and what JSON has for it. */
import { element } from "./dom.js";

export interface Slot {
  /** Of the control, for its label. */
  readonly id: string;
  readonly value: unknown;
  /** Undefined: without it. The form is not drawn again. */
  set(value: unknown): void;
  /** Changes what the form is made of: it is drawn again. */
  reshape(value: unknown, focus?: string): void;
}

const integer = /^-?\d+$/;
const wide = new Set(["int64", "uint64", "sint64", "fixed64", "sfixed64"]);
const real = new Set(["double", "float"]);

export function scalarInput(type: string, slot: Slot): HTMLElement {
  if (type === "bool") return boolInput(slot);
  if (type === "bytes") return bytesInput(slot);
  if (type === "string") return textInput(slot, {});
  return textInput(slot, { placeholder: "0", read: (text) => readNumber(type, text), isNumber: true });
}

/** What JSON has for a number; undefined where it is none. */
function readNumber(type: string, text: string): unknown {
  if (real.has(type)) {
    if (text === "NaN" || text === "Infinity" || text === "-Infinity") return text;
    return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
  }
  if (!integer.test(text)) return undefined;
  // JSON's numbers are doubles: protobuf writes 64 bits as text.
  return wide.has(type) ? text : Number(text);
}

export interface TextOptions {
  readonly placeholder?: string;
  /** Undefined: it is none. */
  read?(text: string): unknown;
  readonly isNumber?: boolean;
}

export function textInput(slot: Slot, { placeholder = "", read, isNumber = false }: TextOptions): HTMLElement {
  const attributes = {
    id: slot.id,
    placeholder,
    rows: 1,
    spellcheck: "false",
    inputmode: isNumber ? "decimal" : undefined,
  };
  const control = element("textarea", { class: isNumber ? "value number" : "value", attributes });
  control.value = slot.value === undefined ? "" : String(slot.value);
  control.addEventListener("input", () => {
    const text = control.value;
    if (text === "") {
      control.removeAttribute("aria-invalid");
      slot.set(undefined);
      return;
    }
    const value = read === undefined ? text : read(text);
    if (value === undefined) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    // What is none goes into the JSON, too: whoever reads it says what is wrong.
    slot.set(value ?? text);
  });
  return control;
}

function boolInput(slot: Slot): HTMLElement {
  const control = element("input", { attributes: { id: slot.id, type: "checkbox" } });
  control.checked = slot.value === true;
  control.addEventListener("change", () => slot.set(control.checked ? true : undefined));
  return element("span", { class: "value check" }, control);
}

/** As text, as long as it is some; or in base64, as JSON has it. */
function bytesInput(slot: Slot): HTMLElement {
  const given = typeof slot.value === "string" ? slot.value : "";
  const text = textOfBase64(given);
  const control = element("textarea", { attributes: { id: slot.id, rows: 1, spellcheck: "false" } });
  const mode = element(
    "select",
    { attributes: { "aria-label": "written as" } },
    element("option", { text: "text", attributes: { value: "text" } }),
    element("option", { text: "base64", attributes: { value: "base64" } }),
  );
  mode.value = text === undefined ? "base64" : "text";
  control.value = text ?? given;
  control.addEventListener("input", () => {
    const isText = mode.value === "text";
    const isValid = isText || isBase64(control.value);
    control.toggleAttribute("aria-invalid", !isValid);
    if (!isValid) control.setAttribute("aria-invalid", "true");
    const value = isText ? base64OfText(control.value) : control.value;
    slot.set(value === "" ? undefined : value);
  });
  mode.addEventListener("change", () => {
    const known = mode.value === "text" ? textOfBase64(control.value) : base64OfText(control.value);
    // Bytes that are no text stay as they are.
    if (known === undefined) mode.value = "base64";
    else control.value = known;
  });
  return element("span", { class: "value pair" }, control, mode);
}

function isBase64(text: string): boolean {
  try {
    atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return true;
  } catch {
    return false;
  }
}

function base64OfText(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}

/** Undefined: no base64, or no text. */
function textOfBase64(base64: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
