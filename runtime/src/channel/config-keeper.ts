import type { Parsed } from "../base/parsed.js";
import type { ResolverResult } from "../resolver/resolver.js";
import { isNestedTooDeep, maxNesting } from "../service-config/nesting.js";
import { emptyServiceConfig } from "../service-config/service-config.js";
import type { ChannelConfig } from "./channel-config.js";

/** What a result means for the channel's config. */
export type KeptConfig =
  /** It is in force. `problem`: what is wrong with a newer one, in one clause. */
  | { readonly config: ChannelConfig; readonly problem: string | undefined }
  /** There is none that could be in force: the resolution has failed. */
  | { readonly config: undefined; readonly problem: string };

/**
 * Which config is in force (gRFC A21): that of the resolver; while that is bad, the one before it; the channel's own where
 * the resolver has none, or has not had a good one yet. A channel without any, because the only one there is cannot be
 * read, carries no calls: the limits in it may be what protects its servers.
 */
export class ConfigKeeper {
  readonly #own: ChannelConfig;
  readonly #parse: (json: unknown) => Parsed<ChannelConfig>;
  #current: ChannelConfig;
  /** The resolver gave a good one, or said that there is none. */
  #wasTold = false;
  /** Names are resolved again and again, and mostly say the same. */
  #lastJson: string | undefined;
  #lastParsed: Parsed<ChannelConfig>;

  /** @param own Of the channel; its service config is `emptyServiceConfig` where the application gave none. */
  constructor(own: ChannelConfig, parse: (json: unknown) => Parsed<ChannelConfig>) {
    this.#own = own;
    this.#parse = parse;
    this.#current = own;
    this.#lastParsed = { value: own };
  }

  take(result: ResolverResult): KeptConfig {
    const given = this.#configOf(result);
    if ("value" in given) {
      this.#wasTold ||= "value" in result.endpoints || result.serviceConfig !== undefined;
      this.#current = given.value;
      return { config: given.value, problem: undefined };
    }
    const { error: problem } = given;
    if (this.#wasTold) return { config: this.#current, problem };
    const hasOwn = this.#own.service !== emptyServiceConfig;
    return hasOwn ? { config: this.#own, problem } : { config: undefined, problem };
  }

  #configOf({ endpoints, serviceConfig }: ResolverResult): Parsed<ChannelConfig> {
    // A resolution that failed says nothing of the config.
    if (serviceConfig === undefined) return { value: "value" in endpoints ? this.#own : this.#current };
    if ("status" in serviceConfig) return { error: serviceConfig.status.message };
    const refusal = (error: string) => ({ error: `the resolver's service config is refused: ${error}` });
    if (isNestedTooDeep(serviceConfig.value)) return refusal(`it is nested more than ${maxNesting} levels deep`);
    const json = JSON.stringify(serviceConfig.value);
    if (json !== this.#lastJson) {
      const parsed = this.#parse(serviceConfig.value);
      this.#lastParsed = "error" in parsed ? refusal(parsed.error) : parsed;
      this.#lastJson = json;
    }
    return this.#lastParsed;
  }
}
