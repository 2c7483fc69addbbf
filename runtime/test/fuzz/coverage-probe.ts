/** Which code has run, as V8 counts it (node:inspector, block by block). */
import { type Profiler, Session } from "node:inspector";

/** A stretch of one script that ran for the first time. */
export interface Novelty {
  readonly url: string;
  readonly start: number;
  readonly end: number;
}

/** Share of some code that ran, in characters of the compiled functions, and how many of these functions ran. */
export interface CodeCoverage {
  readonly code: number;
  readonly functions: string;
}

interface CoverageSum {
  ran: number;
  code: number;
  functionsRun: number;
  functions: number;
}

interface Script {
  /** 1 where a character has run. */
  readonly known: Uint8Array;
  /** 1 where a character ran since the last look. */
  readonly seen: Uint8Array;
  /** Functions as `start-end`, and whether they ran. */
  readonly functions: Map<string, boolean>;
}

/** Scripts that are loaded before `start` are not counted block by block: load the code under test after it. */
export class CoverageProbe {
  readonly #session = new Session();
  readonly #scripts = new Map<string, Script>();
  #watched: readonly string[] = [];

  start(): void {
    this.#session.connect();
    this.#post("Profiler.enable");
    this.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Only scripts count whose path has one of these in it. */
  watch(paths: readonly string[]): void {
    this.#watched = paths;
  }

  stop(): void {
    this.#post("Profiler.stopPreciseCoverage");
    this.#session.disconnect();
  }

  /** What ran since the last `take` and is not known to have run before. */
  take(): Novelty[] {
    const novelties: Novelty[] = [];
    const { result } = this.#post("Profiler.takePreciseCoverage") as Profiler.TakePreciseCoverageReturnType;
    for (const { url, functions } of result) {
      if (!this.#watched.some((path) => url.includes(path))) continue;
      const script = this.#scriptOf(url, functions);
      paint(script, functions);
      collectNews(url, script, novelties);
    }
    return novelties;
  }

  /** From now on these are known. */
  accept(novelties: readonly Novelty[]): void {
    for (const { url, start, end } of novelties) this.#scripts.get(url)?.known.fill(1, start, end);
  }

  /** Coverage so far of each of the paths that are watched. */
  coverage(): Record<string, CodeCoverage> {
    const coverage: Record<string, CodeCoverage> = {};
    for (const path of this.#watched) {
      const sum: CoverageSum = { ran: 0, code: 0, functionsRun: 0, functions: 0 };
      for (const [url, script] of this.#scripts) if (url.includes(path)) addScript(script, sum);
      const { ran, code, functionsRun, functions } = sum;
      coverage[path] = { code: Math.round((1000 * ran) / code) / 1000, functions: `${functionsRun} of ${functions}` };
    }
    return coverage;
  }

  #scriptOf(url: string, functions: readonly Profiler.FunctionCoverage[]): Script {
    let script = this.#scripts.get(url);
    if (script === undefined) {
      const size = Math.max(...functions.map(({ ranges }) => ranges[0]?.endOffset ?? 0));
      script = { known: new Uint8Array(size), seen: new Uint8Array(size), functions: new Map() };
      this.#scripts.set(url, script);
    }
    return script;
  }

  #post(method: string, parameters?: object): object {
    let answer: object = {};
    this.#session.post(method, parameters, (error, result) => {
      if (error !== null) throw error;
      answer = result as object;
    });
    return answer;
  }
}

/** Adds what lies within functions: a module itself runs when it is loaded. */
function addScript({ known, functions }: Script, sum: CoverageSum): void {
  const isCode = new Uint8Array(known.length);
  for (const [key, hasRun] of functions) {
    const [start, end] = key.split("-").map(Number) as [number, number];
    if (start === 0) continue;
    sum.functions += 1;
    if (hasRun) sum.functionsRun += 1;
    isCode.fill(1, start, end);
  }
  for (let at = 0; at < isCode.length; at++) {
    sum.code += isCode[at] as number;
    sum.ran += (isCode[at] as number) & (known[at] as number);
  }
}

/** Outer functions and blocks come before those that lie in them, and the innermost says whether a character ran. */
function paint(script: Script, functions: readonly Profiler.FunctionCoverage[]): void {
  script.seen.fill(0);
  for (const { ranges } of functions) {
    const [whole] = ranges;
    if (whole === undefined) continue;
    const hasRun = ranges.some(({ count }) => count > 0);
    const key = `${whole.startOffset}-${whole.endOffset}`;
    if (hasRun || !script.functions.has(key)) script.functions.set(key, hasRun);
    for (const { startOffset, endOffset, count } of ranges) script.seen.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
}

function collectNews(url: string, { known, seen }: Script, novelties: Novelty[]): void {
  for (let at = 0; at < seen.length; at++) {
    if ((seen[at] as number) <= (known[at] as number)) continue;
    const start = at;
    while (at < seen.length && (seen[at] as number) > (known[at] as number)) at++;
    novelties.push({ url, start, end: at });
  }
}
