import type { CallOptions } from "../../../../src/rpc/call-options.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../../../../src/rpc/invoker.js";
import { Metadata } from "../../../../src/rpc/metadata.js";
import { OK } from "../../../../src/rpc/status.js";
import { StatusCode, statusCodeName } from "../../../../src/rpc/status-code.js";
import type { FakePlatform } from "../../../support/fake-platform.js";
import type { TextMessage } from "../../../transport/text-method.js";

/** What a handler saw of its call. */
export interface HandlerRecord {
  readonly messages: string[];
  /** `finished`, `cancelled UNAVAILABLE`, or nothing so far. */
  end: string;
}

/** Handlers whose answers depend on the requests alone: each stream has one of four manners. */
export class EchoHandlers implements Invoker {
  readonly records = new Map<number, HandlerRecord>();

  constructor(readonly platform: FakePlatform) {}

  invoke(headers: RequestHeaders, _options: CallOptions, sink: ResponseSink): RequestStream {
    const id = Number(headers.metadata.get("x-call"));
    const record: HandlerRecord = { messages: [], end: "" };
    if (this.records.has(id)) throw new Error(`the handler of stream ${id} is called twice`);
    this.records.set(id, record);
    const manner = (id >>> 1) & 3;
    if (manner === 3) sink.onStatus({ code: StatusCode.NOT_FOUND, message: "answered at once" });
    const finish = () => {
      record.end += "finished ";
      if (manner === 2) sink.onMessage({ value: `got ${record.messages.length}` });
      sink.onStatus(OK);
    };
    return {
      send: (message, last) => {
        const { value } = message as TextMessage;
        record.messages.push(value);
        if (record.messages.length === 1) sink.onHeaders(new Metadata());
        if (manner < 2) sink.onMessage({ value: `echo ${value}` });
        if (last) finish();
        // One at a time: the next is asked for in a later turn.
        if (manner === 1 && !last) this.platform.scheduleTurn(() => sink.onWritable());
        return manner !== 1;
      },
      finish,
      pull: () => undefined,
      cancel: (status) => {
        record.end += `cancelled ${statusCodeName(status.code)} `;
      },
    };
  }
}
