/** From values to places, and the values that an axis names. */
export interface Scale {
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** From 0 to above `largest`, with four to eight ticks at round values. */
export function linearScale(largest: number, from: number, to: number): Scale {
  const step = roundUp(largest / 6);
  const count = Math.ceil(largest / step - 1e-9);
  const ticks = Array.from({ length: count + 1 }, (_, index) => index * step);
  const end = count * step;
  return { ticks, at: (value) => from + (value / end) * (to - from) };
}

/** Ticks at 1, 2 and 5 times the powers of ten, or at the powers alone where there are many; from the one below to the one above. */
export function logScale(smallest: number, largest: number, from: number, to: number): Scale {
  const decades = Math.log10(largest / smallest);
  const steps = decades > 2.5 ? [1] : [1, 2, 5];
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(smallest)); power <= Math.ceil(Math.log10(largest)); power++) {
    for (const step of steps) all.push(step * 10 ** power);
  }
  const first = Math.max(
    0,
    all.findLastIndex((tick) => tick <= smallest),
  );
  const last = all.findIndex((tick) => tick >= largest);
  const ticks = all.slice(first, last === -1 ? undefined : last + 1);
  const low = Math.log(ticks[0] as number);
  const width = Math.log(ticks.at(-1) as number) - low || 1;
  return { ticks, at: (value) => from + ((Math.log(value) - low) / width) * (to - from) };
}

/** The next of 1, 2, 2.5 and 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value * (1 - 1e-9)) ?? 10) * power;
}
