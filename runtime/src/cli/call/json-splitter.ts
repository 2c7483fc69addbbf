/** Cuts a text that comes in pieces into JSON documents, one behind another, whatever is between them. */
export class JsonSplitter {
  #text = "";
  /** Where to look on. */
  #at = 0;
  /** Where the document begins; -1 between two. */
  #start = -1;
  #depth = 0;
  #isInString = false;

  /** The documents that are complete now. They need not be JSON but for their brackets and quotes. */
  push(piece: string): string[] {
    this.#text += piece;
    const found: string[] = [];
    for (; this.#at < this.#text.length; this.#at++) this.#step(this.#text[this.#at] as string, found);
    if (this.#start < 0) this.#reset();
    return found;
  }

  /** What is left when nothing more comes. */
  end(): string[] {
    const rest = this.#start < 0 ? "" : this.#text.slice(this.#start);
    this.#reset();
    return rest === "" ? [] : [rest];
  }

  #step(character: string, found: string[]): void {
    if (this.#isInString) {
      // What is escaped ends no string.
      if (character === "\\") this.#at++;
      else if (character === '"') {
        this.#isInString = false;
        if (this.#depth === 0) this.#cut(this.#at + 1, found);
      }
      return;
    }
    if (this.#start < 0) {
      if (/[\s,]/.test(character)) return;
      this.#start = this.#at;
    }
    if (character === '"') this.#isInString = true;
    else if (character === "{" || character === "[") this.#depth++;
    else if (character === "}" || character === "]") {
      this.#depth--;
      if (this.#depth <= 0) this.#cut(this.#at + 1, found);
    } else if (this.#depth === 0 && /\s/.test(character)) this.#cut(this.#at, found);
  }

  #cut(end: number, found: string[]): void {
    found.push(this.#text.slice(this.#start, end));
    this.#start = -1;
    this.#depth = 0;
  }

  #reset(): void {
    this.#text = "";
    this.#at = 0;
    this.#start = -1;
    this.#depth = 0;
    this.#isInString = false;
  }
}
