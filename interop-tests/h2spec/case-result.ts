/** What a suite says of one case, and where that differs from what is expected. */

export type Outcome = "passed" | "failed" | "skipped";

export interface CaseResult {
  /** As h2spec counts: suite, section, place in the section: `http2/5.1.2/1`. */
  readonly id: string;
  readonly title: string;
  readonly outcome: Outcome;
  /** What was awaited and what came, when the case failed. */
  readonly detail: string;
}

/** A case that does not pass, and why that is right. */
export interface ExpectedNonPass {
  readonly id: string;
  /** More than one where the outcome depends on how the bytes are cut into reads. */
  readonly outcomes: readonly Outcome[];
  readonly reason: string;
}

/** What a case may end with. */
function wantedOf(id: string, expected: readonly ExpectedNonPass[]): readonly Outcome[] {
  return expected.find((nonPass) => nonPass.id === id)?.outcomes ?? ["passed"];
}

/** Those whose outcome is not the expected one: an unexpected pass is one, too. */
export function unexpected(results: readonly CaseResult[], expected: readonly ExpectedNonPass[]): CaseResult[] {
  return results.filter(({ id, outcome }) => !wantedOf(id, expected).includes(outcome));
}

/** One sentence for each case that is not as expected. */
export function differences(results: readonly CaseResult[], expected: readonly ExpectedNonPass[]): string[] {
  const sentences = unexpected(results, expected).map(({ id, title, outcome, detail }) => {
    const wanted = wantedOf(id, expected).join(" or ");
    return `${id} (${title}) ${outcome}, expected ${wanted}${detail === "" ? "" : `: ${detail}`}`;
  });
  const missing = expected.filter(({ id }) => !results.some((result) => result.id === id));
  return [...sentences, ...missing.map(({ id }) => `${id} is expected not to pass, but did not run`)];
}

/** The results with those of a second run in place of the first. */
export function replaced(results: readonly CaseResult[], again: readonly CaseResult[]): CaseResult[] {
  return results.map((result) => again.find(({ id }) => id === result.id) ?? result);
}

/** `140 passed, 3 failed, 4 skipped` */
export function score(results: readonly CaseResult[]): string {
  const count = (wanted: Outcome): number => results.filter(({ outcome }) => outcome === wanted).length;
  const others = (["failed", "skipped"] as const).filter((outcome) => count(outcome) > 0);
  return [`${count("passed")} passed`, ...others.map((outcome) => `${count(outcome)} ${outcome}`)].join(", ");
}
