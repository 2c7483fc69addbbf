/** What all charts have around them: the ground, a title, a legend. */
import { element, escapeText, text } from "./svg.js";
import { classOf, styleSheet } from "./theme.js";

export const chartWidth = 860;
export const margin = 24;
/** Where the drawing may begin. */
export const headHeight = 112;

export interface FrameOptions {
  readonly title: string;
  /** Small, below the title: how to read it, and what it was measured on. */
  readonly notes: readonly [string, string];
  /** In the order of the legend. */
  readonly pairings: readonly string[];
  readonly height: number;
}

export function frame({ title, notes, pairings, height }: FrameOptions, body: readonly string[]): string {
  const size = { width: chartWidth, height, viewBox: `0 0 ${chartWidth} ${height}` };
  const svg = element(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", role: "img", "aria-label": title, ...size },
    element("title", {}, escapeText(title)),
    element("style", {}, styleSheet()),
    element("rect", { class: "surface", width: chartWidth, height, rx: 8 }),
    text({ class: "ink title", x: margin, y: 34 }, title),
    ...notes.map((note, index) => text({ class: "muted small", x: margin, y: 53 + index * 16 }, note)),
    ...legend(pairings),
    ...body,
  );
  return `${svg}\n`;
}

function legend(pairings: readonly string[]): string[] {
  let x = margin;
  return pairings.flatMap((pairing) => {
    const at = x;
    x += 16 + textWidth(pairing) + 18;
    return [
      element("rect", { class: classOf(pairing), x: at, y: 84, width: 11, height: 11, rx: 2 }),
      text({ class: "ink", x: at + 16, y: 94 }, pairing),
    ];
  });
}

/** Nearly: fonts differ. */
export function textWidth(content: string): number {
  return content.length * 7.1;
}
