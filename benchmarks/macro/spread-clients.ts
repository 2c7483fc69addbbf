/**
 * Clients beside each other, with a connection each: what a user writes who wants more than one connection to an address.
 * In godwit and in grpc-js, channels to one address share their connections unless they are told not to.
 */
import { createClient } from "./subjects/create-client.js";
import type { NodeSubjectName, SubjectClient } from "./subjects/subject.js";

export class SpreadClients {
  readonly #subject: NodeSubjectName;
  readonly #port: number;
  readonly #byCount = new Map<number, readonly SubjectClient[]>();

  constructor(subject: NodeSubjectName, port: number) {
    this.#subject = subject;
    this.#port = port;
  }

  /** As many as are asked for, connected: those of the time before, unless they are to be new. */
  async take(count: number, fresh: boolean): Promise<readonly SubjectClient[]> {
    const known = this.#byCount.get(count) ?? [];
    if (!fresh && known.length > 0) return known;
    await Promise.all(known.map((client) => client.close()));
    const made: SubjectClient[] = [];
    // One behind another: a backlog of connections is not what is measured.
    while (made.length < count) {
      const client = await createClient(this.#subject, this.#port, undefined, { shareConnections: false });
      made.push(client);
      await connect(client);
    }
    this.#byCount.set(count, made);
    return made;
  }
}

function connect(client: SubjectClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.unary(Buffer.alloc(1), false, (error) => (error === undefined ? resolve() : reject(error)));
  });
}
