/** The end of a soak's process that listens to its parent. */
import type { FromClient, FromServer } from "../messages.js";

/** How long a process that has given everything back may take to end. */
const endLimitMs = 60_000;

export function tellParent(message: FromClient | FromServer): void {
  process.send?.(message);
}

/**
 * Answers each question. When the parent goes without having said `close`, this process ends; after `close` it has to end
 * by itself, which it does when nothing was left open.
 */
export function answerParent<Q extends { readonly type: string }, A extends FromClient | FromServer>(
  answer: (question: Q) => Promise<A>,
): void {
  let isClosing = false;
  process.on("message", (question: Q) => {
    isClosing ||= question.type === "close";
    answer(question).then(tellParent, (error: unknown) => {
      tellParent({ type: "failed", message: error instanceof Error ? `${error.stack}` : String(error) });
    });
  });
  process.on("disconnect", () => {
    if (!isClosing) process.exit(1);
    setTimeout(() => process.exit(3), endLimitMs).unref();
  });
}
