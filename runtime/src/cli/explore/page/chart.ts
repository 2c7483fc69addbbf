import { element, svg } from "./dom.js";

export interface Line {
  readonly name: string;
  /** One each second, oldest first; undefined: none. */
  readonly values: readonly (number | undefined)[];
  readonly isBad?: boolean;
}

const width = 240;
const height = 64;

/** A chart of lines over the last minute. */
export function chart(title: string, lines: readonly Line[], format: (value: number) => string): HTMLElement {
  const all = lines.flatMap(({ values }) => values.filter((value) => value !== undefined));
  const top = Math.max(1, ...all);
  const latest = lines.map(({ name, values }) => {
    const last = values.findLast((value) => value !== undefined);
    return `${name} ${last === undefined ? "–" : format(last)}`;
  });
  const label = `${title}: ${latest.join(", ")}; at most ${format(top)}`;
  const key = lines.map(({ isBad }, index) =>
    element("span", { class: `key ${lineClass(index, isBad)}`, text: latest[index] ?? "" }),
  );
  const caption = element(
    "figcaption",
    {},
    element("span", { class: "title", text: title }),
    element("span", { class: "top-value", text: `at most ${format(top)}` }),
    element("span", { class: "keys" }, ...key),
  );
  const attributes = {
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-label": label,
    preserveAspectRatio: "none",
  };
  const grid = `M0 ${height - 0.5}H${width}M0 ${height / 2}H${width}M0 .5H${width}`;
  const drawn = lines.flatMap(({ values, isBad }, index) => [
    svg("path", { class: lineClass(index, isBad), attributes: { d: path(values, top) } }),
    svg("path", { class: `dots ${lineClass(index, isBad)}`, attributes: { d: path(values.map(alone), top) } }),
  ]);
  return element(
    "figure",
    {},
    caption,
    svg("svg", { attributes }, svg("path", { class: "grid", attributes: { d: grid } }), ...drawn),
  );
}

/** A value that no line is drawn to. */
function alone(value: number | undefined, index: number, values: readonly (number | undefined)[]): number | undefined {
  return values[index - 1] === undefined && values[index + 1] === undefined ? value : undefined;
}

function lineClass(index: number, isBad: boolean | undefined): string {
  return isBad ? "bad" : `line-${index + 1}`;
}

/** Where there is nothing, the line has a gap; a point by itself is a short line. */
function path(values: readonly (number | undefined)[], top: number): string {
  const step = width / Math.max(1, values.length - 1);
  let text = "";
  let isDown = false;
  values.forEach((value, index) => {
    if (value === undefined) {
      isDown = false;
      return;
    }
    const [x, y] = [index * step, height - 1.5 - (value / top) * (height - 3)];
    text += isDown ? `L${x.toFixed(1)} ${y.toFixed(1)}` : `M${x.toFixed(1)} ${y.toFixed(1)}h.1`;
    isDown = true;
  });
  return text;
}
