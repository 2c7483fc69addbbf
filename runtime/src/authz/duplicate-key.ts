/** One object or list that has been opened and not closed. */
interface Open {
  /** Of an object: its keys so far. Undefined for a list. */
  readonly keys: Set<string> | undefined;
  /** Where it stands. */
  readonly path: string;
  /** Of a list: how many commas have come. */
  index: number;
  /** Of an object: the last key. */
  key: string;
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/**
 * The path of the first key that one object of a JSON text has twice; undefined when there is none. JSON.parse takes the
 * last one without a word: a rule would be gone that somebody reads in the file. @param json Text that JSON.parse takes.
 */
export function duplicateKey(json: string, root: string): string | undefined {
  const open: Open[] = [];
  let text: string | undefined;
  for (const [found] of json.matchAll(token)) {
    const inside = open.at(-1);
    if (found === "{" || found === "[") {
      open.push({ keys: found === "{" ? new Set() : undefined, path: pathIn(inside, root), index: 0, key: "" });
    } else if (found === "}" || found === "]") {
      open.pop();
    } else if (found === ",") {
      if (inside !== undefined) inside.index++;
    } else if (found !== ":") {
      text = found;
    } else if (inside?.keys !== undefined && text !== undefined) {
      inside.key = JSON.parse(text) as string;
      if (inside.keys.has(inside.key)) return pathIn(inside, root);
      inside.keys.add(inside.key);
    }
  }
  return undefined;
}

function pathIn(inside: Open | undefined, root: string): string {
  if (inside === undefined) return root;
  return inside.keys === undefined ? `${inside.path}[${inside.index}]` : `${inside.path}.${inside.key}`;
}
