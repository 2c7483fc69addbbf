import { plainText } from "../plain-text.js";

export interface Column {
  readonly title: string;
  /** Numbers stand to the right. Default left. */
  readonly isNumber?: boolean;
}

/** Lines of a table, each column as wide as it has to be, none longer than `width`. What servers say is made harmless. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const all = [columns.map(({ title }) => title), ...rows.map((row) => row.map(plainText))];
  const widths = columns.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  return all.map((row) => {
    const cells = columns.map(({ isNumber }, i) => {
      const text = row[i] ?? "";
      return isNumber === true ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
    });
    return cut(`  ${cells.join("  ")}`.trimEnd(), width);
  });
}

export function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
