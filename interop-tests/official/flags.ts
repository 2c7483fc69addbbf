/** The flags that the interoperability programs of all languages have: `--name=value`, `--name value`, with one dash or two. */

export type Flags<Name extends string> = Readonly<Record<Name, string>>;

/**
 * Reads flags into `defaults`; a flag whose default is "true" or "false" may stand alone. Throws an Error with one sentence
 * for one that does not exist.
 */
export function parseFlags<Name extends string>(args: readonly string[], defaults: Flags<Name>): Flags<Name> {
  const flags: Record<Name, string> = { ...defaults };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    const [, name = "", joined] = /^--?([a-z0-9_]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (!isNameOf(defaults, name)) {
      const known = Object.keys(defaults).map((each) => `--${each}`);
      throw new Error(`${JSON.stringify(arg)} is no flag; there are: ${known.join(" ")}`);
    }
    const isSwitch = defaults[name] === "true" || defaults[name] === "false";
    const next = args[i + 1];
    if (joined !== undefined) flags[name] = joined;
    else if (isSwitch && next !== "true" && next !== "false") flags[name] = "true";
    else if (next !== undefined) flags[name] = args[++i] ?? "";
    else throw new Error(`--${name} has no value`);
  }
  return flags;
}

function isNameOf<Name extends string>(defaults: Flags<Name>, name: string): name is Name {
  return Object.hasOwn(defaults, name);
}

/** Throws an Error with one sentence. */
export function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} is ${text}: expected a whole number`);
  return value;
}
