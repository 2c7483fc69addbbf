/** Figures as charts show them: three digits, and what they are thousands of. */

/** 163838 as `164k`, 6494 as `6.49k`, 58 as `58`. */
export function compact(value: number): string {
  for (const [size, letter] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (value >= size * 0.9995) return `${digits(value / size)}${letter}`;
  }
  return digits(value);
}

/** Microseconds with their unit. */
export function duration(us: number): string {
  if (us < 999.5) return `${digits(us)} µs`;
  return us < 999_500 ? `${digits(us / 1000)} ms` : `${digits(us / 1e6)} s`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
