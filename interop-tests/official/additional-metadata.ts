import type { InterceptorLayer } from "godwit";

/** `--additional_metadata=key:value;key:value`: sent with every call. Throws an Error for what is not of that form. */
export function additionalMetadata(text: string): InterceptorLayer[] {
  if (text === "") return [];
  const pairs = text.split(";").map((pair) => {
    const colon = pair.indexOf(":");
    if (colon < 1) throw new Error(`--additional_metadata has ${JSON.stringify(pair)}: expected key:value`);
    return [pair.slice(0, colon), pair.slice(colon + 1)] as const;
  });
  return [
    (next) => (call) => {
      for (const [key, value] of pairs) call.metadata.append(key, value);
      return next(call);
    },
  ];
}
