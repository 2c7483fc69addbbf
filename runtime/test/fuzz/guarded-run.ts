import { createContext, Script } from "node:vm";

const script = new Script("step()");

/** Runs `step`, which is synchronous, and breaks it off after a time. False: it was broken off. */
export function runGuarded(step: () => void, timeoutMs: number): boolean {
  try {
    script.runInContext(createContext({ step }), { timeout: timeoutMs });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return false;
    throw error;
  }
}
