/** Bars that lie, grouped, from 0: rates of libraries beside each other. */
import { chartWidth, frame, headHeight, margin, textWidth } from "./frame.js";
import { linearScale, type Scale } from "./scale.js";
import { element, text } from "./svg.js";
import { classOf, orderOf } from "./theme.js";

export interface Bar {
  readonly pairing: string;
  readonly value: number;
  /** A thin line over the end of the bar; undefined where there was one measurement. */
  readonly spread: readonly [low: number, high: number] | undefined;
}

export interface BarGroup {
  readonly label: string;
  readonly bars: readonly Bar[];
}

/** Groups over one axis. */
export interface BarPanel {
  readonly unit: string;
  readonly groups: readonly BarGroup[];
  readonly format: (value: number) => string;
}

const barHeight = 15;
const groupGap = 16;
const axisHeight = 52;

export function barChart(title: string, notes: readonly [string, string], panels: readonly BarPanel[]): string {
  const labelWidth = 12 + Math.max(...panels.flatMap(({ groups }) => groups.map(({ label }) => textWidth(label))));
  const body: string[] = [];
  let y = headHeight;
  for (const panel of panels) {
    body.push(...drawPanel(panel, margin + labelWidth, y));
    y += heightOf(panel);
  }
  const pairings = new Set(
    panels.flatMap(({ groups }) => groups.flatMap(({ bars }) => bars.map((bar) => bar.pairing))),
  );
  return frame(
    { title, notes, pairings: [...pairings].sort((a, b) => orderOf(a) - orderOf(b)), height: y + margin / 2 },
    body,
  );
}

function heightOf({ groups }: BarPanel): number {
  return groups.reduce((sum, { bars }) => sum + bars.length * barHeight + groupGap, 0) + axisHeight;
}

function drawPanel(panel: BarPanel, left: number, top: number): string[] {
  const bars = panel.groups.flatMap((group) => group.bars);
  const largest = Math.max(...bars.map(({ value, spread }) => spread?.[1] ?? value));
  // Room for the figure behind the longest bar.
  const scale = linearScale(largest, left, chartWidth - margin - 60);
  const bottom = top + heightOf(panel) - axisHeight;
  const drawn = axis(panel, scale, top, bottom);
  let y = top + groupGap / 2;
  for (const { label, bars: group } of panel.groups) {
    const middle = y + (group.length * barHeight) / 2 + 4;
    drawn.push(text({ class: "ink", x: left - 12, y: middle, "text-anchor": "end" }, label));
    for (const bar of group) {
      drawn.push(...drawBar(bar, scale, y, panel.format));
      y += barHeight;
    }
    y += groupGap;
  }
  return drawn;
}

function axis({ unit, format }: BarPanel, scale: Scale, top: number, bottom: number): string[] {
  const lines = scale.ticks.flatMap((tick) => {
    const x = scale.at(tick);
    return [
      element("line", { class: "rule", x1: x, x2: x, y1: top, y2: bottom }),
      text({ class: "muted small", x, y: bottom + 16, "text-anchor": "middle" }, format(tick)),
    ];
  });
  const end = scale.at(scale.ticks.at(-1) as number);
  return [...lines, text({ class: "muted small", x: end, y: bottom + 32, "text-anchor": "middle" }, unit)];
}

function drawBar(
  { pairing, value, spread }: Bar,
  scale: Scale,
  y: number,
  format: (value: number) => string,
): string[] {
  const from = scale.at(0);
  // A value that is next to nothing still shows its colour.
  const end = Math.max(scale.at(value), from + 1);
  const drawn = [
    element("rect", { class: classOf(pairing), x: from, y, width: end - from, height: barHeight - 2, rx: 1.5 }),
  ];
  let labelAt = end;
  if (spread !== undefined) {
    const [low, high] = spread.map((bound) => scale.at(bound)) as [number, number];
    const middle = y + (barHeight - 2) / 2;
    drawn.push(element("line", { class: "spread", x1: low, x2: high, y1: middle, y2: middle, "stroke-opacity": 0.55 }));
    labelAt = Math.max(end, high);
  }
  drawn.push(text({ class: "ink small", x: labelAt + 5, y: y + 11 }, format(value)));
  return drawn;
}
