/** How charts look: one colour for each library in all of them, on a light ground or a dark one as the reader has it. */

interface Colour {
  readonly light: string;
  readonly dark: string;
}

/** In the order of bars and legends. */
const colours: Readonly<Record<string, Colour>> = {
  godwit: { light: "#1a5fd0", dark: "#5aa2ff" },
  "grpc-js": { light: "#c9601c", dark: "#f0934e" },
  "nice-grpc": { light: "#b0427f", dark: "#e57fb6" },
  "connect-node": { light: "#7450c4", dark: "#ad92f5" },
  "grpc-go": { light: "#0f7f86", dark: "#3cc1c9" },
  skeleton: { light: "#9aa3ad", dark: "#6c757f" },
  "raw-net": { light: "#5f6973", dark: "#a5afb9" },
};
const others: Colour = { light: "#8a6d1f", dark: "#d1b04e" };

const inks = { surface: ["#ffffff", "#0d1117"], ink: ["#1f2328", "#e6edf3"], muted: ["#59636e", "#9198a1"] } as const;
const rule = ["#d8dee4", "#2b323a"] as const;

export const fontPx = 13;
export const font = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";

/** Where pairings stand in a chart: the libraries first, each with itself, then what is mixed. */
export function orderOf(pairing: string): number {
  const index = Object.keys(colours).indexOf(pairing);
  return index === -1 ? Number.POSITIVE_INFINITY : index;
}

/** The class of everything that is drawn for a pairing. */
export function classOf(pairing: string): string {
  return `p-${pairing in colours ? pairing : "other"}`;
}

/** A line's element has `line` beside the class of its pairing. */
export function styleSheet(): string {
  const rules = (scheme: 0 | 1): string => {
    const plain = Object.entries(inks).map(([name, pair]) => `.${name}{fill:${pair[scheme]}}`);
    const series = [...Object.entries(colours), ["other", others] as const].map(([name, { light, dark }]) => {
      const colour = scheme === 0 ? light : dark;
      return `.p-${name}{fill:${colour}}.line.p-${name}{fill:none;stroke:${colour}}`;
    });
    return [...plain, `.rule{stroke:${rule[scheme]}}.spread{stroke:${inks.ink[scheme]}}`, ...series].join("");
  };
  return `text{font:${fontPx}px ${font}}.title{font-size:17px;font-weight:600}.head{font-weight:600}.small{font-size:11.5px}${rules(0)}@media(prefers-color-scheme:dark){${rules(1)}}`;
}
