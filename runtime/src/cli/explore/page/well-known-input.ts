/** Messages of google.protobuf whose JSON is no object of their fields. */
import { button, element } from "./dom.js";
import { type Slot, scalarInput, textInput } from "./scalar-input.js";

const prefix = "google.protobuf.";

const wrapped: Readonly<Record<string, string>> = {
  BoolValue: "bool",
  BytesValue: "bytes",
  DoubleValue: "double",
  FloatValue: "float",
  Int32Value: "int32",
  Int64Value: "int64",
  StringValue: "string",
  UInt32Value: "uint32",
  UInt64Value: "uint64",
};

const freeForm: Readonly<Record<string, { readonly start: unknown; readonly hint: string }>> = {
  Any: { start: { "@type": "" }, hint: "JSON of a message, with its name in “@type”" },
  ListValue: { start: [], hint: "a JSON array" },
  Struct: { start: {}, hint: "a JSON object" },
  Value: { start: null, hint: "any JSON" },
};

export function isWellKnown(typeName: string): boolean {
  const name = nameOf(typeName);
  return name in wrapped || name in freeForm || ["Timestamp", "Duration", "FieldMask"].includes(name);
}

/** What a new one has in JSON. */
export function startOf(typeName: string): unknown {
  const name = nameOf(typeName);
  if (name === "Timestamp") return new Date().toISOString();
  if (name === "Duration") return "1s";
  if (name === "FieldMask") return "";
  if (name in freeForm) return freeForm[name]?.start;
  return startOfScalar(wrapped[name] ?? "string");
}

export function startOfScalar(type: string): unknown {
  if (type === "bool") return false;
  if (type === "string" || type === "bytes") return "";
  return type.includes("64") ? "0" : 0;
}

export function wellKnownInput(typeName: string, slot: Slot): HTMLElement {
  const name = nameOf(typeName);
  if (name === "Timestamp") return timestampInput(slot);
  if (name === "Duration")
    return textInput(slot, {
      placeholder: "1.5s",
      read: (text) => (/^-?\d+(\.\d{1,9})?s$/.test(text) ? text : undefined),
    });
  if (name === "FieldMask") return textInput(slot, { placeholder: "name,address.city" });
  const scalar = wrapped[name];
  // There, and zero, is another thing than not there.
  if (scalar !== undefined)
    return scalarInput(scalar, { ...slot, set: (value) => slot.set(value ?? startOfScalar(scalar)) });
  return jsonInput(slot, freeForm[name]?.hint ?? "JSON");
}

function timestampInput(slot: Slot): HTMLElement {
  const read = (text: string) =>
    /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;
  const input = textInput(slot, { placeholder: "2026-01-31T12:00:00Z", read });
  const now = button("Now", () => slot.reshape(new Date().toISOString(), slot.id));
  return element("span", { class: "value pair" }, input, now);
}

/** What has no form of its own. */
export function jsonInput(slot: Slot, hint: string): HTMLElement {
  const control = element("textarea", {
    class: "value code",
    attributes: { id: slot.id, rows: 2, spellcheck: "false", title: hint, placeholder: hint },
  });
  control.value = slot.value === undefined ? "" : JSON.stringify(slot.value, undefined, 2);
  control.addEventListener("input", () => {
    try {
      slot.set(JSON.parse(control.value));
      control.removeAttribute("aria-invalid");
    } catch {
      control.setAttribute("aria-invalid", "true");
    }
  });
  return control;
}

function nameOf(typeName: string): string {
  return typeName.startsWith(prefix) ? typeName.slice(prefix.length) : "";
}
