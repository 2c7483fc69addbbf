import type { DescMethod, Message } from "@bufbuild/protobuf";
import { serviceFromDesc } from "../../codec/describe-service.js";
import { CallInfo } from "../../rpc/call-info.js";
import type { CallOptions } from "../../rpc/call-options.js";
import type { Invoker } from "../../rpc/invoker.js";
import { clientStreams, serverStreams } from "../../rpc/method-descriptor.js";
import { StatusCode } from "../../rpc/status-code.js";
import { StatusError } from "../../rpc/status-error.js";
import { createRemoteSchema, type RemoteSchema } from "../../services/reflection.js";
import { createClient } from "../../stub/client.js";
import { type Command, CommandError, type CommandOutput } from "../command.js";
import { headersOf, millisOf, openTarget, targetHelp } from "../target/target-flags.js";
import { processWorld, type World } from "../world.js";
import { type CallCommand, parseCall } from "./call-options.js";
import { RequestMessages } from "./messages.js";
import { Progress } from "./progress.js";
import { RemoteJson } from "./remote-json.js";
import { describeHeaders, describeOutcome, explain } from "./report.js";

const help = `Usage: godwit call ADDRESS package.Service/Method [JSON ...] [options]

Calls a method of a server that has reflection. Messages are JSON, as protobuf writes it; a method that takes a stream of them
takes as many as there are. With - they come from standard input, one behind another, and are sent as they come. Without any,
a method that takes one gets an empty one. Answers go to standard output, each on a line of its own (indented on a terminal);
status, trailers and error details to standard error. The exit code is the number of the status: 5 for NOT_FOUND.

  godwit call localhost:50051 shop.v1.ShopService/GetItem '{"id": "kettle"}'
  godwit call shop.internal:443 shop.v1.ShopService/Watch -H 'authorization: Bearer …' -t 30s
  producer | godwit call localhost:50051 shop.v1.ShopService/Import -

Options:
${targetHelp()}
  -v, --verbose         tells headers, too
  -h, --help            prints this`;

export const call: Command = {
  name: "call",
  summary: "calls a method of a server that has reflection, with messages in JSON",
  help,
  run: (args, output) => runCall(args, output),
};

export async function runCall(
  args: readonly string[],
  output: CommandOutput,
  world: World = processWorld,
): Promise<void> {
  const command = parseCall(args);
  const metadata = headersOf(command.values);
  const timeoutMs = millisOf("--timeout", command.values.timeout);
  const progress = new Progress(world);
  const interrupted = new AbortController();
  const release = world.onInterrupt(() => interrupted.abort());
  const channel = openTarget(command.target, command.values, world, { stats: progress.stats });
  // One deadline for what is asked by reflection and for the call.
  const deadline = timeoutMs === undefined ? undefined : new Date(Date.now() + timeoutMs);
  const options: CallOptions = { metadata, deadline, signal: interrupted.signal };
  const schema = createRemoteSchema(channel, options);
  const json = new RemoteJson(schema);
  try {
    const method = await findMethod(schema, command);
    await new MethodCall(command, method, json, { output, world, progress }).run(channel, options);
  } catch (error) {
    progress.end();
    throw error instanceof StatusError ? await explain(error, json, output) : error;
  } finally {
    progress.end();
    release();
    await channel.close();
  }
}

async function findMethod(schema: RemoteSchema, { service, method }: CallCommand): Promise<DescMethod> {
  const desc = await schema.service(service).catch((error: unknown) => {
    if (!(error instanceof StatusError) || error.code !== StatusCode.UNIMPLEMENTED) throw error;
    throw new CommandError(
      `the server has no reflection, which tells what its messages are: ${error.message}`,
      error.code,
    );
  });
  const found = desc.methods.find(({ name }) => name === method);
  if (found !== undefined) return found;
  const names = desc.methods.map(({ name }) => name).join(", ");
  throw new CommandError(`${service} has no method ${method}; it has: ${names}`, 12);
}

/** Function of a client: its message or messages, and the answer or answers. */
type Callable = (request: unknown, options: CallOptions) => Promise<Message> | AsyncIterable<Message>;

interface CallSurroundings {
  readonly output: CommandOutput;
  readonly world: World;
  readonly progress: Progress;
}

class MethodCall {
  readonly #command: CallCommand;
  readonly #method: DescMethod;
  readonly #json: RemoteJson;
  readonly #context: CallSurroundings;
  #answers = 0;

  constructor(command: CallCommand, method: DescMethod, json: RemoteJson, context: CallSurroundings) {
    this.#command = command;
    this.#method = method;
    this.#json = json;
    this.#context = context;
  }

  async run(invoker: Invoker, options: CallOptions): Promise<void> {
    const { world, output, progress } = this.#context;
    const { methodKind } = this.#method;
    const requests = new RequestMessages(this.#method, this.#json, this.#pieces());
    const request = clientStreams(methodKind) ? requests.all() : await requests.single();
    const info = new CallInfo();
    const startedAt = world.now();
    try {
      const answer = this.#function(invoker)(request, { ...options, info, maxResponseBytes: Number.POSITIVE_INFINITY });
      if (serverStreams(methodKind))
        for await (const message of answer as AsyncIterable<Message>) await this.#print(message);
      else await this.#print(await (answer as Promise<Message>));
    } catch (error) {
      // The call was cancelled because of it.
      throw requests.problem ?? error;
    } finally {
      progress.end();
      if (this.#command.isVerbose) for (const line of describeHeaders("header", info.headers)) output.complain(line);
      for (const line of describeHeaders("trailer", info.trailers)) output.complain(line);
    }
    output.complain(describeOutcome(this.#answers, world.now() - startedAt, info.peer));
  }

  #pieces(): AsyncIterable<Uint8Array | string> | Iterable<string> {
    const { data } = this.#command;
    if (data === undefined) return this.#context.world.stdin;
    if (data.length === 0 && !clientStreams(this.#method.methodKind)) return ["{}"];
    return data.map((text) => `${text}\n`);
  }

  #function(invoker: Invoker): Callable {
    const service = serviceFromDesc(this.#method.parent);
    const found = service.methods.find(({ name }) => name === this.#method.name);
    const client = createClient(service, invoker) as Readonly<Record<string, unknown>>;
    return client[found?.localName ?? ""] as Callable;
  }

  async #print(message: Message): Promise<void> {
    const { output, world } = this.#context;
    this.#answers += 1;
    const spaces = world.isOutputTerminal ? 2 : 0;
    output.print(await this.#json.print(this.#method.output, message, spaces));
  }
}
