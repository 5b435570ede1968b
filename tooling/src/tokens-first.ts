/** `[batch, heads, tokens, channels]` with tokens outside of heads, `[batch, tokens, heads, channels]`; and back, with the two swapped. */
export function tokensFirst(
  values: ArrayLike<number>,
  heads: number,
  tokens: number,
  channels: number,
): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: values.length }, (_, i) => {
    const [row, c] = [Math.floor(i / channels), i % channels];
    const [head, token] = [row % heads, Math.floor(row / heads) % tokens];
    const batch = Math.floor(row / heads / tokens);
    return values[((batch * heads + head) * tokens + token) * channels + c]!;
  });
}
