/** What mocha requires before all tests (.mocharc.json): no suite may leave a resource or an object of a call behind. */
import type { Context, RootHookObject, Suite } from "mocha";
import { LeakCheck } from "./leak-check.js";
import { trackObjects } from "./tracked-objects.js";

trackObjects();

/** mocha lets go of a suite's functions, and of all that they close over, only after its last hook. */
interface ClosingSuite extends Suite {
  cleanReferences(): void;
}

export const mochaHooks: RootHookObject = {
  async beforeAll(this: Context): Promise<void> {
    const check = await LeakCheck.start();
    for (const suite of this.test?.parent?.suites ?? []) {
      suite.afterAll("leak check", async () => {
        (suite as ClosingSuite).cleanReferences();
        await check.assertNothingLeft(suite.title);
      });
    }
  },
};
