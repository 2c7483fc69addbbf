/** Hedges that calls may have saved for, at most: more would come as one burst when a server becomes slow. (this library) */
export const maxSavedHedges = 10;

/** What a method's calls may add to the load: each call saves a part of one hedge. */
export class HedgeBudget {
  #saved = 0;

  /** A call begins. */
  onCall(maxExtraLoad: number): void {
    this.#saved = Math.min(this.#saved + maxExtraLoad, maxSavedHedges);
  }

  /** Whether a hedge may be sent; if so it is paid for. */
  spend(maxExtraLoad: number): boolean {
    if (maxExtraLoad === Number.POSITIVE_INFINITY) return true;
    // Twenty parts of a twentieth are a little less than one.
    if (this.#saved < 1 - 1e-9) return false;
    this.#saved = Math.max(this.#saved - 1, 0);
    return true;
  }
}
