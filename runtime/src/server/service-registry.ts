import type { HandlerContext } from "../rpc/handler-context.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { Service } from "../rpc/service.js";

/** A function of the application, bound to its object. Takes a message, or an AsyncIterable of messages. */
export type Handler = (input: unknown, context: HandlerContext) => unknown;

export interface RegisteredMethod {
  readonly method: MethodDescriptor;
  readonly handler: Handler;
}

/** How many names an error message lists, and how much of a name that a peer sent it repeats. */
const listedNames = 20;
const echoedCharacters = 200;

/** What a server can answer. Looked up in Maps only: a path is a peer's, and no key of an object. */
export class ServiceRegistry {
  readonly #methods = new Map<string, RegisteredMethod>();
  readonly #services = new Map<string, Service>();

  /** Throws TypeError when a method has no function (unless `isPartial`), Error when the service was added before. */
  add(service: Service, handlers: unknown, isPartial: boolean): void {
    if (this.#services.has(service.typeName)) throw new Error(`service ${service.typeName} was added twice`);
    if (typeof handlers !== "object" || handlers === null) {
      throw new TypeError(`handlers of ${service.typeName} are ${String(handlers)}, expected an object`);
    }
    const found: RegisteredMethod[] = [];
    const missing: string[] = [];
    for (const method of service.methods) {
      const handler = handlerOf(handlers as Record<string, unknown>, method.localName);
      if (typeof handler === "function") found.push({ method, handler: handler.bind(handlers) as Handler });
      else missing.push(method.localName);
    }
    if (missing.length > 0 && !isPartial) {
      throw new TypeError(
        `handlers of ${service.typeName} lack ${missing.join(", ")}: implement them, or add the service with addPartial`,
      );
    }
    this.#services.set(service.typeName, service);
    for (const registered of found) this.#methods.set(registered.method.path, registered);
  }

  /** In the order in which they were added. */
  services(): readonly Service[] {
    return [...this.#services.values()];
  }

  find(path: string): RegisteredMethod | undefined {
    return this.#methods.get(path);
  }

  /** Says what there is instead of `path`. */
  unimplementedMessage(path: string): string {
    const slash = path.lastIndexOf("/");
    const serviceName = path.slice(1, Math.max(slash, 1));
    const service = path.startsWith("/") ? this.#services.get(serviceName) : undefined;
    if (service === undefined) {
      const has = listNames([...this.#services.keys()], "no services");
      return `unknown service ${quote(serviceName)}, this server has: ${has}`;
    }
    const methodName = path.slice(slash + 1);
    const names = service.methods.filter((method) => this.#methods.has(method.path)).map((method) => method.name);
    const isDeclared = service.methods.some((method) => method.name === methodName);
    const problem = isDeclared ? "is not implemented by this server" : "is unknown";
    return `method ${quote(methodName)} of service ${serviceName} ${problem}, it has: ${listNames(names, "no methods")}`;
  }
}

/** What every object has (`hasOwnProperty` and the like) nobody wrote as a handler (CVE-2026-54269). */
function handlerOf(handlers: Readonly<Record<string, unknown>>, name: string): unknown {
  const handler = handlers[name];
  return handler === (Object.prototype as Readonly<Record<string, unknown>>)[name] ? undefined : handler;
}

function quote(name: string): string {
  return JSON.stringify(name.length > echoedCharacters ? `${name.slice(0, echoedCharacters)}…` : name);
}

function listNames(names: readonly string[], none: string): string {
  if (names.length === 0) return none;
  const listed = names.slice(0, listedNames).join(", ");
  return names.length > listedNames ? `${listed} and ${names.length - listedNames} more` : listed;
}
