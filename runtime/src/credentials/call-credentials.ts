import { isThenable, markHandled } from "../base/thenable.js";
import type { CallCredentials, CallCredentialsContext } from "../rpc/call-credentials.js";
import { Metadata, type MetadataInit } from "../rpc/metadata.js";
import type { ChannelCredentials } from "./channel-credentials.js";

type Given = MetadataInit | Metadata;

/**
 * Call credentials that go with every call of a channel: `combineCredentials(tls(), bearerToken(token))`. Where a call has its
 * own, too, both are sent, and of a key that both give the call's.
 * (grpc-js: combineChannelCredentials)
 */
export function combineCredentials(channel: ChannelCredentials, ...calls: CallCredentials[]): ChannelCredentials;
/** Call credentials that are sent together; of a key that several give, the last one's. (grpc-js: combineCallCredentials) */
export function combineCredentials(...calls: CallCredentials[]): CallCredentials;
export function combineCredentials(
  first: ChannelCredentials | CallCredentials,
  ...rest: CallCredentials[]
): ChannelCredentials | CallCredentials {
  for (const each of rest) checkCallCredentials(each, "call credentials");
  if (typeof first !== "object" || first === null || !("security" in first)) {
    checkCallCredentials(first, "credentials");
    return rest.length === 0 ? first : new Combined([first, ...rest]);
  }
  const all = first.callCredentials === undefined ? rest : [first.callCredentials, ...rest];
  const [only] = all;
  if (only === undefined) return first;
  return Object.freeze({ ...first, callCredentials: all.length === 1 ? only : new Combined(all) });
}

/** Throws TypeError for what is none. */
export function checkCallCredentials(given: unknown, name: string): asserts given is CallCredentials {
  if (typeof (given as Partial<CallCredentials> | null | undefined)?.metadata === "function") return;
  throw new TypeError(`${name} have no function "metadata": expected CallCredentials, such as bearerToken(token)`);
}

class Combined implements CallCredentials {
  readonly #all: readonly CallCredentials[];

  constructor(all: readonly CallCredentials[]) {
    this.#all = all;
  }

  metadata(call: CallCredentialsContext): Given | Promise<Given> {
    const given: (Given | Promise<Given>)[] = [];
    try {
      for (const credentials of this.#all) given.push(credentials.metadata(call));
    } catch (cause) {
      // Nobody waits for those that were asked before.
      for (const each of given) if (isThenable(each)) markHandled(Promise.resolve(each));
      throw cause;
    }
    return given.some(isThenable) ? Promise.all(given).then(merged) : merged(given as Given[]);
  }
}

function merged(all: readonly Given[]): Metadata {
  const metadata = new Metadata();
  for (const each of all) metadata.replaceWithSecrets(new Metadata(each));
  return metadata;
}
