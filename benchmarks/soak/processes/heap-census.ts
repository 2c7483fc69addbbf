/** Counts the objects in the heap by the name of their class: which it is that a leak leaves behind. */
import { type Runtime, Session } from "node:inspector";

/** How many objects there are of each class; those that garbage collection would take are not among them. */
export type Census = Readonly<Record<string, number>>;

/** Runs in the inspector's call, on an array of every object. */
function countByClass(this: readonly object[]): Record<string, number> {
  const byPrototype = new Map<unknown, number>();
  for (const object of this) {
    const prototype: unknown = Object.getPrototypeOf(object);
    byPrototype.set(prototype, (byPrototype.get(prototype) ?? 0) + 1);
  }
  const counts: Record<string, number> = Object.create(null);
  for (const [prototype, count] of byPrototype) {
    const maker: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
    const name = typeof maker === "function" && typeof maker.name === "string" ? maker.name : "?";
    counts[name] = (counts[name] ?? 0) + count;
  }
  return counts;
}

export function takeCensus(): Census {
  const session = new Session();
  session.connect();
  try {
    const root = ask(session, "Runtime.evaluate", { expression: "Object.prototype" }) as Runtime.EvaluateReturnType;
    const all = ask(session, "Runtime.queryObjects", {
      prototypeObjectId: root.result.objectId,
    }) as Runtime.QueryObjectsReturnType;
    const counted = ask(session, "Runtime.callFunctionOn", {
      objectId: all.objects.objectId,
      functionDeclaration: countByClass.toString(),
      returnByValue: true,
    }) as Runtime.CallFunctionOnReturnType;
    return counted.result.value as Census;
  } finally {
    session.disconnect();
  }
}

/** In this process the answer is there before `post` returns. */
function ask(session: Session, method: string, params: object): object {
  let answer: object | undefined;
  session.post(method, params, (error, result) => {
    if (error !== null) throw new Error(`${method}: ${error.message}`);
    answer = result;
  });
  if (answer === undefined) throw new Error(`${method} was not answered at once`);
  return answer;
}
