/** SVG as text: elements, attributes, and what has to be escaped in them. */

/** Numbers are rounded to a tenth: nobody sees less, and the file is half as long. */
export type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${writeValue(value)}"`);
  const open = `<${name}${written.join("")}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join("")}</${name}>`;
}

export function text(attributes: Attributes, content: string): string {
  return element("text", attributes, escapeText(content));
}

/** `points` are x and y in turn. */
export function path(points: readonly (readonly [number, number])[], attributes: Attributes): string {
  const d = points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("");
  return element("path", { d, fill: "none", ...attributes });
}

function writeValue(value: string | number): string {
  return typeof value === "number" ? String(round(value)) : escapeText(value);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export function escapeText(content: string): string {
  return content.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
