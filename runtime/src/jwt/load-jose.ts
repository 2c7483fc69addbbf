/** The package that knows cryptography. Only those who use this entry need it, so it is imported when it is first needed. */
export type Jose = typeof import("jose");

/** Rejects with one sentence when it is not installed. */
export async function loadJose(load: () => Promise<Jose> = () => import("jose")): Promise<Jose> {
  try {
    return await load();
  } catch (cause) {
    throw new Error("godwit/jwt needs the package jose, version 6, and could not import it: npm install jose@6", {
      cause,
    });
  }
}
