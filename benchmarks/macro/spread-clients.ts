/**
 * Clients beside each other, with a connection each: what a user writes who wants more than one connection to an address.
 * In godwit and in grpc-js, channels to one address share their connections unless they are told not to.
 */
import { createClient } from "./subjects/create-client.js";
import type { NodeSubjectName, SubjectClient } from "./subjects/subject.js";

export class SpreadClients {
  readonly #subject: NodeSubjectName;
  readonly #port: number;
  #clients: readonly SubjectClient[] = [];

  constructor(subject: NodeSubjectName, port: number) {
    this.#subject = subject;
    this.#port = port;
  }

  /** As many as are asked for, connected. Those of the time before stay where there are as many and `fresh` is false. */
  async take(count: number, fresh: boolean): Promise<readonly SubjectClient[]> {
    if (!fresh && this.#clients.length === count) return this.#clients;
    await Promise.all(this.#clients.map((client) => client.close()));
    const made: SubjectClient[] = [];
    // One behind another: a backlog of connections is not what is measured.
    while (made.length < count) {
      const client = await createClient(this.#subject, this.#port, undefined, { shareConnections: false });
      made.push(client);
      await connect(client);
    }
    this.#clients = made;
    return made;
  }
}

function connect(client: SubjectClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.unary(Buffer.alloc(1), false, (error) => (error === undefined ? resolve() : reject(error)));
  });
}
