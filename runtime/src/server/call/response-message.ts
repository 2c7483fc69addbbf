import { textOfThrown } from "../../base/text-of-thrown.js";
import { toMessage } from "../../codec/message-init.js";
import type { MethodDescriptor } from "../../rpc/method-descriptor.js";

/** The message that a handler's value stands for. Throws TypeError with one sentence for whoever wrote the handler. */
export function toResponse(method: MethodDescriptor, value: unknown): unknown {
  const { output } = method.desc;
  if (value === undefined || value === null) throw wrongResponse(method, String(value));
  if (Array.isArray(value)) throw wrongResponse(method, "an array");
  try {
    return toMessage(output, value as Record<string, unknown>);
  } catch (cause) {
    const reason = textOfThrown(cause);
    throw new TypeError(`the handler of ${method.path} gave a value that is no ${output.typeName}: ${reason}`, {
      cause,
    });
  }
}

function wrongResponse(method: MethodDescriptor, observed: string): TypeError {
  return new TypeError(`the handler of ${method.path} gave ${observed}, expected a ${method.desc.output.typeName}`);
}
