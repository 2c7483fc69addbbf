/** Header lists that bring out what HPACK implementations get wrong, and the table sizes between them: a seed decides. */
import { staticNames, staticTableLength, staticValues } from "../../../src/hpack/static-table.js";
import type { SeededRandom } from "../random.js";

export interface Field {
  readonly name: string;
  readonly value: string;
  /** To be sent as a never-indexed literal (RFC 7541 §6.2.3). */
  readonly secret: boolean;
}

export interface Step {
  /** What the decoding side announces before the list, one after the other: at most two. */
  readonly tableSizes: readonly number[];
  readonly fields: readonly Field[];
}

export interface ListOptions {
  /** Whether the lists must be requests that HTTP/2 takes; otherwise any octets will do. */
  readonly http: boolean;
  /** Names that are secret; undefined: any field may be. */
  readonly secretNames: ReadonlySet<string> | undefined;
  /** The first size that is announced; later ones are not above it. */
  readonly tableBytes: number;
}

const tokens = "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~";
const visible = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i)).join("");
const obsText = Array.from({ length: 128 }, (_, i) => String.fromCharCode(0x80 + i)).join("");
const allOctets = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join("");
/** Names that HTTP/2 gives a meaning to, and those of pseudo-headers: not for lists that must be requests. */
const withMeaning = new Set(["host", "te", "content-length", "transfer-encoding"]);
/** Lengths about the ends of the length prefix, with its continuations, and of the table (RFC 7541 §5.1, §4.1). */
const lengths = [0, 1, 2, 30, 31, 62, 63, 126, 127, 128, 254, 255, 256, 1000, 2015, 4030, 4062, 4063, 4064, 4065, 4097];
const hugeLengths = [8_000, 16_384, 20_000, 40_000];
const sizes = [0, 1, 31, 32, 64, 100, 256, 300, 1000, 4095, 4096, 65_536];

/** nghttp2 takes a block in nine frames at most. */
const maxListOctets = 100_000;

function within(fields: readonly Field[], maxOctets: number): Field[] {
  let octets = 0;
  return fields.filter(({ name, value }) => {
    octets += name.length + value.length;
    return octets <= maxOctets;
  });
}

/** Names and values recur within a session, as they do on a connection. */
export class SessionLists {
  readonly #random: SeededRandom;
  readonly #options: ListOptions;
  readonly #names: string[];
  readonly #values: string[];

  constructor(random: SeededRandom, options: ListOptions) {
    this.#random = random;
    this.#options = options;
    this.#names = Array.from({ length: 12 }, () => this.#newName());
    this.#values = Array.from({ length: 12 }, () => this.#newValue());
  }

  steps(count: number): Step[] {
    const { tableBytes } = this.#options;
    return Array.from({ length: count }, (_, i) => {
      const first = i === 0 && tableBytes !== 4096 ? [tableBytes] : [];
      return { tableSizes: i === 0 ? first : this.#sizes(), fields: this.#fields(i === 0 ? 1 : 0) };
    });
  }

  #sizes(): number[] {
    const random = this.#random;
    if (random.next() >= 0.1) return [];
    const allowed = sizes.filter((size) => size <= this.#options.tableBytes);
    return Array.from({ length: 1 + random.below(2) }, () => random.pick(allowed));
  }

  /** @param least Go's encoder says a new table size with the first field, not with an empty list. */
  #fields(least: number): Field[] {
    const random = this.#random;
    const count = random.next() < 0.03 ? 100 : least + random.below(12);
    const others = within(
      Array.from({ length: count }, () => this.#field()),
      maxListOctets,
    );
    if (!this.#options.http) return others;
    // node:http2 takes many of the well-known names but once.
    const known = new Set<string>();
    const unique = others.filter(({ name }) => name.startsWith("x") || (!known.has(name) && known.add(name)));
    const path =
      random.next() < 0.7 ? random.pick(["/s/m", "/s/n", "/"]) : `/${random.text(random.below(80), visible)}`;
    const pseudo = [":method", random.pick(["POST", "GET", "PUT"]), ":scheme", "http", ":path", path];
    pseudo.push(":authority", random.pick(["test", "localhost:80", "shop.example"]));
    const first = Array.from({ length: pseudo.length / 2 }, (_, i) => ({
      name: pseudo[2 * i] as string,
      value: pseudo[2 * i + 1] as string,
      secret: false,
    }));
    return [...first, ...unique];
  }

  #field(): Field {
    const random = this.#random;
    const { secretNames, http } = this.#options;
    if (random.next() < 0.2) {
      const index = 1 + random.below(staticTableLength);
      const name = staticNames[index] as string;
      if (!http || !(name.startsWith(":") || withMeaning.has(name))) {
        const value = random.next() < 0.5 ? (staticValues[index] as string) : this.#value();
        return { name, value, secret: this.#isSecret(name) };
      }
    }
    const secretName = secretNames !== undefined && random.next() < 0.1 ? random.pick([...secretNames]) : undefined;
    const name = secretName ?? (random.next() < 0.85 ? random.pick(this.#names) : this.#newName());
    return { name, value: this.#value(), secret: this.#isSecret(name) };
  }

  #isSecret(name: string): boolean {
    return this.#options.secretNames?.has(name) ?? this.#random.next() < 0.1;
  }

  #value(): string {
    return this.#random.next() < 0.6 ? this.#random.pick(this.#values) : this.#newValue();
  }

  #newName(): string {
    const random = this.#random;
    if (this.#options.http) return `x${random.text(random.below(20), tokens)}`;
    return random.text(
      random.next() < 0.05 ? random.pick(lengths) : random.below(30),
      random.pick([tokens, allOctets]),
    );
  }

  #newValue(): string {
    const random = this.#random;
    const kind = random.next();
    if (kind < 0.5) return this.#text(random.below(40));
    if (kind < 0.7) return String(random.below(100_000));
    if (kind < 0.98) return this.#text(random.pick(lengths));
    return this.#text(random.pick(hugeLengths));
  }

  /** Of one alphabet, or of one octet alone: short codes, long ones, codes that end at each bit of an octet. */
  #text(length: number): string {
    const random = this.#random;
    if (!this.#options.http) {
      if (random.next() < 0.3) return String.fromCharCode(random.below(256)).repeat(length);
      return random.text(length, random.pick([visible, tokens, obsText, allOctets]));
    }
    if (random.next() < 0.3) return random.pick([...visible, ...obsText]).repeat(length);
    // A blank within is allowed, at either end it is not (RFC 9113 §8.2.1).
    const text = random.text(length, random.pick([visible, tokens, `${visible}${obsText}`, `${visible} \t`]));
    return text.replace(/^[ \t]|[ \t]$/g, "_");
  }
}
