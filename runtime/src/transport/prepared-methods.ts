import type { Compressor } from "../base/platform.js";
import { MethodCodecTable } from "../codec/method-codecs.js";
import type { HeaderBlock } from "../hpack/header-block.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { RequestHeaders } from "../rpc/invoker.js";
import { defaultMessageFormat, type MessageFormat, messageFormats } from "../rpc/message-format.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import { createRequestPrefix } from "../wire/request-headers.js";
import type { ReceiverOptions } from "./message/message-receiver.js";
import type { SenderOptions } from "./message/message-sender.js";
import type { TransportLimits } from "./transport-limits.js";

/** Methods whose header blocks a connection keeps. Bounded for programs that make their descriptors as they go. */
const maxKeptMethods = 1000;

/** What is the same in all calls of one method on a connection. */
export interface PreparedMethod {
  readonly authority: string;
  readonly encoding: string;
  readonly format: MessageFormat;
  readonly prefix: HeaderBlock;
  readonly sending: SenderOptions;
  readonly receiving: ReceiverOptions;
}

/** What is the same in all calls of a connection. */
export interface CallDefaults {
  /** Default value of `:authority`. */
  readonly authority: string;
  readonly scheme: "http" | "https";
  readonly userAgent: string;
  readonly limits: TransportLimits;
  /** Of calls that name none. Default proto. */
  readonly messageFormat?: MessageFormat | undefined;
  readonly codecs?: MethodCodecTable | undefined;
}

/** Where a connection's messages are counted. */
export type ReceiverBudgets = Pick<ReceiverOptions, "unread" | "incomplete" | "turn">;

/** The methods that a connection has carried, ready for their next call. */
export class PreparedMethods {
  readonly #defaults: CallDefaults;
  readonly #compressor: Compressor;
  readonly #budgets: ReceiverBudgets;
  readonly #codecs: MethodCodecTable;
  /** Undefined at rest. */
  #methods: Map<MethodDescriptor, PreparedMethod> | undefined;

  constructor(defaults: CallDefaults, compressor: Compressor, budgets: ReceiverBudgets) {
    this.#defaults = defaults;
    this.#compressor = compressor;
    this.#budgets = budgets;
    this.#codecs = defaults.codecs ?? new MethodCodecTable();
  }

  /**
   * What was prepared for the method last, unless this call differs from that one in more than its tail. A string says
   * which of the call's options is not known.
   */
  prepare(headers: RequestHeaders, options: CallOptions): PreparedMethod | string {
    const { limits } = this.#defaults;
    const kept = this.#methods?.get(headers.method);
    const authority = headers.authority ?? this.#defaults.authority;
    const encoding = options.compression ?? "identity";
    const format = options.messageFormat ?? this.#defaults.messageFormat ?? defaultMessageFormat;
    const maxRequestBytes = options.maxRequestBytes ?? limits.maxSendMessageBytes;
    const maxResponseBytes = options.maxResponseBytes ?? limits.maxReceiveMessageBytes;
    if (
      kept !== undefined &&
      kept.authority === authority &&
      kept.encoding === encoding &&
      kept.format === format &&
      kept.sending.maxMessageBytes === maxRequestBytes &&
      kept.receiving.maxMessageBytes === maxResponseBytes
    ) {
      return kept;
    }
    const { encodings } = this.#compressor;
    if (encoding !== "identity" && !encodings.includes(encoding)) {
      return `compression ${JSON.stringify(encoding)} is not known, expected identity, ${encodings.join(" or ")}`;
    }
    if (!this.#codecs.has(format)) {
      return `messageFormat ${JSON.stringify(format)} is not known, expected ${messageFormats.join(" or ")}`;
    }
    const call = { authority, encoding, format, maxRequestBytes, maxResponseBytes };
    const prepared = this.#prepareAnew(headers.method, call);
    this.#methods ??= new Map();
    if (kept !== undefined || this.#methods.size < maxKeptMethods) this.#methods.set(headers.method, prepared);
    return prepared;
  }

  /** Nothing has been called for a while. */
  rest(): void {
    this.#methods = undefined;
  }

  #prepareAnew(
    method: MethodDescriptor,
    call: Pick<PreparedMethod, "authority" | "encoding" | "format"> & {
      readonly maxRequestBytes: number;
      readonly maxResponseBytes: number;
    },
  ): PreparedMethod {
    const { authority, encoding, format } = call;
    const codecs = this.#codecs.codecsOf(method, format);
    const { scheme, userAgent } = this.#defaults;
    const compressor = this.#compressor;
    const { unread, incomplete, turn } = this.#budgets;
    const acceptEncoding = compressor.encodings.join(",");
    return {
      authority,
      encoding,
      format,
      prefix: createRequestPrefix({
        path: method.path,
        scheme,
        authority,
        userAgent,
        contentSubtype: format,
        acceptEncoding,
      }),
      sending: {
        codec: codecs.requestCodec,
        what: "request",
        maxMessageBytes: call.maxRequestBytes,
        compression: encoding === "identity" ? undefined : { encoding, compressor },
      },
      receiving: {
        codec: codecs.responseCodec,
        what: "response",
        maxMessageBytes: call.maxResponseBytes,
        compressor,
        unread,
        incomplete,
        turn,
      },
    };
  }
}
