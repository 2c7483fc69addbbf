/** Something about the .proto files or the options forbids generating. One sentence for the user, never a bug of ours. */
export class GenerationError extends Error {
  override readonly name = "GenerationError";
}
