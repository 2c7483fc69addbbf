import { Authorizer } from "../../authz/authorizer.js";
import type { Platform } from "../../base/platform.js";
import type { Invoker } from "../../rpc/invoker.js";
import type { Authenticator } from "../../rpc/principal.js";
import type { ServerOptions } from "../server-options.js";
import { AuthenticatingInvoker, type AuthenticatorErrorHandler } from "./authenticating-invoker.js";
import { AuthorizingInvoker } from "./authorizing-invoker.js";

/** Who may call a server: its authenticator and its policy, in this order, in front of everything else that a call meets. */
export class Admission {
  readonly #authenticate: Authenticator | undefined;
  readonly #authorizer: Authorizer | undefined;
  readonly #platform: Platform;
  #isClosed = false;

  /** Throws TypeError when an option is not valid. */
  constructor({ authenticate, authorization }: ServerOptions, platform: Platform) {
    if (authenticate !== undefined && typeof authenticate !== "function") {
      throw new TypeError(`authenticate is a value of type ${typeof authenticate}: expected a function`);
    }
    this.#authenticate = authenticate;
    this.#authorizer = authorization && new Authorizer(authorization, platform);
    this.#platform = platform;
  }

  /** Whether anybody may call anything, and so may know what there is. */
  get isOpen(): boolean {
    return this.#authenticate === undefined && this.#authorizer === undefined;
  }

  /** Nothing is put in front where there is nothing to ask. */
  inFrontOf(next: Invoker, onError: AuthenticatorErrorHandler): Invoker {
    const authorizing =
      this.#authorizer === undefined ? next : new AuthorizingInvoker(next, this.#authorizer, this.#platform);
    if (this.#authenticate === undefined) return authorizing;
    return new AuthenticatingInvoker(authorizing, this.#authenticate, this.#platform, onError);
  }

  /** Rejects with one sentence when no policy can be had, unless the server was closed meanwhile. Undefined: there is nothing to wait for. */
  ready(): Promise<void> | undefined {
    const authorizer = this.#authorizer;
    if (authorizer === undefined) return undefined;
    return authorizer.start().then(() => {
      const { problem } = authorizer;
      if (problem !== undefined && !this.#isClosed) throw new Error(`no call can be authorized: ${problem}`);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#authorizer?.close();
  }
}
