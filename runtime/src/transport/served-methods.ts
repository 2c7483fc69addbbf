import type { Platform } from "../base/platform.js";
import type { MethodCodecTable } from "../codec/method-codecs.js";
import type { MessageFormat } from "../rpc/message-format.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { ReceiverOptions } from "./message/message-receiver.js";
import type { SenderOptions } from "./message/message-sender.js";
import type { ReceiverBudgets } from "./prepared-methods.js";
import type { TransportLimits } from "./transport-limits.js";

/** What is the same in all calls of one method on a connection to a client. */
export interface ServedMethod {
  readonly format: MessageFormat;
  readonly isCompressing: boolean;
  readonly sending: SenderOptions;
  readonly receiving: ReceiverOptions;
}

/** What is the same in all calls of a connection. */
export interface ServingDefaults extends ReceiverBudgets {
  readonly codecs: MethodCodecTable;
  readonly limits: TransportLimits;
  readonly platform: Pick<Platform, "compressor">;
  /** Encoding of responses for clients that accept it. */
  readonly compression: string | undefined;
}

/** The methods that were called on a connection, ready for their next call. No more than the server has. */
export class ServedMethods {
  readonly #defaults: ServingDefaults;
  readonly #methods = new Map<MethodDescriptor, ServedMethod>();

  constructor(defaults: ServingDefaults) {
    this.#defaults = defaults;
  }

  /** What was prepared for the method last, unless this call's messages are another format, or packed otherwise. */
  of(method: MethodDescriptor, format: MessageFormat, isCompressing: boolean): ServedMethod {
    const kept = this.#methods.get(method);
    if (kept !== undefined && kept.format === format && kept.isCompressing === isCompressing) return kept;
    const served = this.#prepare(method, format, isCompressing);
    this.#methods.set(method, served);
    return served;
  }

  #prepare(method: MethodDescriptor, format: MessageFormat, isCompressing: boolean): ServedMethod {
    const { codecs, limits, compression, unread, incomplete, turn } = this.#defaults;
    const { compressor } = this.#defaults.platform;
    const { requestCodec, responseCodec } = codecs.codecsOf(method, format);
    return {
      format,
      isCompressing,
      sending: {
        codec: responseCodec,
        what: "response",
        maxMessageBytes: limits.maxSendMessageBytes,
        compression: isCompressing && compression !== undefined ? { encoding: compression, compressor } : undefined,
      },
      receiving: {
        codec: requestCodec,
        what: "request",
        maxMessageBytes: limits.maxReceiveMessageBytes,
        compressor,
        unread,
        incomplete,
        turn,
      },
    };
  }
}
