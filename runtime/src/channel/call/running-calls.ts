/** What an element of a RunningCalls list carries for it. */
export interface RunningCall {
  previous: RunningCall | undefined;
  following: RunningCall | undefined;
}

/** The calls of a channel that have not ended: a list through the calls themselves, so that keeping it allocates nothing. */
export class RunningCalls<T extends RunningCall> {
  #first: T | undefined;
  #size = 0;
  #started = 0;

  get size(): number {
    return this.#size;
  }

  /** Calls that were ever in the list, modulo 2^31. */
  get started(): number {
    return this.#started;
  }

  add(call: T): void {
    const first = this.#first;
    call.following = first;
    if (first !== undefined) first.previous = call;
    this.#first = call;
    this.#size++;
    this.#started = (this.#started + 1) & 0x7fffffff;
  }

  /** The call must be in the list. */
  delete(call: T): void {
    const { previous, following } = call;
    if (previous === undefined) this.#first = following as T | undefined;
    else previous.following = following;
    if (following !== undefined) following.previous = previous;
    call.previous = undefined;
    call.following = undefined;
    this.#size--;
  }

  /** All of them now, in no order that matters. */
  toArray(): T[] {
    const calls: T[] = [];
    for (let call = this.#first; call !== undefined; call = call.following as T | undefined) calls.push(call);
    return calls;
  }
}
