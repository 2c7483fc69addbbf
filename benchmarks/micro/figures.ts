/** The launches of a run come together, and what was recorded stands beside them. */
import { median } from "../macro/statistics.js";
import type { Launch } from "./launch.js";

/** Medians over the launches. */
export interface Figure {
  /** Time of an operation by that of a unit of the calibration. */
  readonly ratio: number;
  readonly nanoseconds: number;
  readonly bytes: number;
}

export interface Summary {
  readonly calibrationNs: number;
  /** By `id`, of a peer's `id PEER`. */
  readonly figures: ReadonlyMap<string, Figure>;
}

export function keyOf(id: string, peer: string | null): string {
  return peer === null ? id : `${id} ${peer}`;
}

export function summarizeLaunches(launches: readonly Launch[]): Summary {
  const lists = new Map<string, Figure[]>();
  for (const { measured } of launches) {
    for (const { id, peer, ratio, nanoseconds, bytes } of measured) {
      const key = keyOf(id, peer);
      const list = lists.get(key) ?? [];
      list.push({ ratio, nanoseconds, bytes });
      lists.set(key, list);
    }
  }
  const figures = [...lists].map(([key, list]): [string, Figure] => [
    key,
    {
      ratio: median(list.map(({ ratio }) => ratio)),
      nanoseconds: median(list.map(({ nanoseconds }) => nanoseconds)),
      bytes: median(list.map(({ bytes }) => bytes)),
    },
  ]);
  return { calibrationNs: median(launches.map(({ calibrationNs }) => calibrationNs)), figures: new Map(figures) };
}

/** From here on a difference is marked, and from here on marked twice. */
const noticeable = 0.05;
const large = 0.2;

/** `time` by what it was: how much more or less, with a mark where that is noticeable. */
export function change(time: number, before: number | undefined): string {
  if (before === undefined || !(before > 0)) return "new";
  const ratio = time / before;
  // Twice as fast is as far away as half as fast.
  const size = Math.max(ratio, 1 / ratio) - 1;
  const mark = size < noticeable ? "" : size < large ? " !" : " !!";
  const percent = (ratio - 1) * 100;
  return `${percent < 0 ? "-" : "+"}${Math.abs(percent).toFixed(0)} %${mark}`;
}
