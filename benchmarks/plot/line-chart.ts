/** Lines over a logarithmic axis each way, in panels beside each other with the same axes. */
import { chartWidth, frame, headHeight, margin } from "./frame.js";
import { logScale, type Scale } from "./scale.js";
import { element, path, text } from "./svg.js";
import { classOf } from "./theme.js";

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Drawn as a ring: not to be relied on. */
  readonly hollow: boolean;
}

export interface Line {
  readonly pairing: string;
  readonly points: readonly Point[];
}

export interface LinePanel {
  readonly title: string;
  readonly lines: readonly Line[];
}

export interface Axes {
  readonly xTitle: string;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
}

interface Scales {
  readonly x: Scale;
  readonly y: Scale;
}

const plotHeight = 260;
const leftWidth = 58;
const panelGap = 34;

export function lineChart(
  title: string,
  notes: readonly [string, string],
  panels: readonly LinePanel[],
  axes: Axes,
): string {
  const points = panels.flatMap(({ lines }) => lines.flatMap((line) => line.points));
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const top = headHeight + 24;
  const bottom = top + plotHeight;
  const width = (chartWidth - 2 * margin - leftWidth - panelGap * (panels.length - 1)) / panels.length;
  const y = logScale(Math.min(...ys), Math.max(...ys), bottom, top);
  const body = panels.flatMap((panel, index) => {
    const left = margin + leftWidth + index * (width + panelGap);
    const x = logScale(Math.min(...xs), Math.max(...xs), left, left + width);
    return [
      ...grid(panel.title, { x, y }, axes, index === 0),
      ...panel.lines.flatMap((line) => drawLine(line, { x, y })),
    ];
  });
  body.push(text({ class: "muted small", x: chartWidth / 2, y: bottom + 40, "text-anchor": "middle" }, axes.xTitle));
  const pairings = new Set(panels.flatMap(({ lines }) => lines.map(({ pairing }) => pairing)));
  return frame({ title, notes, pairings: [...pairings], height: bottom + 56 }, body);
}

function grid(title: string, { x, y }: Scales, { formatX, formatY }: Axes, withLabels: boolean): string[] {
  const ends = (scale: Scale): [number, number] => [
    scale.at(scale.ticks[0] as number),
    scale.at(scale.ticks.at(-1) as number),
  ];
  const [left, right] = ends(x);
  const [bottom, top] = ends(y);
  const drawn = [text({ class: "ink head", x: left, y: top - 10 }, title)];
  for (const tick of y.ticks) {
    const at = y.at(tick);
    drawn.push(element("line", { class: "rule", x1: left, x2: right, y1: at, y2: at }));
    if (withLabels) {
      drawn.push(text({ class: "muted small", x: left - 8, y: at + 4, "text-anchor": "end" }, formatY(tick)));
    }
  }
  // A label that would touch the one before it is left out.
  let labelledTo = Number.NEGATIVE_INFINITY;
  for (const tick of x.ticks) {
    const at = x.at(tick);
    drawn.push(element("line", { class: "rule", x1: at, x2: at, y1: bottom, y2: top }));
    if (at - labelledTo < 36) continue;
    drawn.push(text({ class: "muted small", x: at, y: bottom + 17, "text-anchor": "middle" }, formatX(tick)));
    labelledTo = at;
  }
  return drawn;
}

function drawLine({ pairing, points }: Line, { x, y }: Scales): string[] {
  const places = points.map((point) => [x.at(point.x), y.at(point.y)] as const);
  const colour = classOf(pairing);
  return [
    path(places, { class: `line ${colour}`, "stroke-width": 2, "stroke-linejoin": "round" }),
    ...points.map(({ hollow }, index) => {
      const [cx, cy] = places[index] as readonly [number, number];
      const dot = { cx, cy, r: 3.5 };
      if (!hollow) return element("circle", { class: colour, ...dot });
      const ring = element("circle", { class: `line ${colour}`, "stroke-width": 1.5, ...dot });
      return element("circle", { class: "surface", ...dot }) + ring;
    }),
  ];
}
