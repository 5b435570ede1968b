/** Codes of at most eight bits as packers take them; no copy of those that are bytes. */
export const codeBytes = (codes: Uint8Array | Uint16Array): Uint8Array =>
  codes instanceof Uint8Array ? codes : Uint8Array.from(codes);
