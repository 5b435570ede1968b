import { percentiles } from '@tilewright/bench';
import { explain } from '@tilewright/graph';
import { generateTokens, type LanguageModel, sequenceFrom, wantedBy } from '@tilewright/models';
import type { LengthRow } from './result.ts';

/** Tokens that are written, of those of a length; and how often everything is repeated. */
const written = 16;
const repeats = 3;

/** Reads `tokens` and writes the last few of as many in their place. The model has room for them. */
export async function measureLength(
  model: LanguageModel,
  tokens: readonly number[],
  signal: AbortSignal,
): Promise<LengthRow> {
  const count = tokens.length;
  const prompt = tokens.slice(0, count - written);
  const [reads, writes]: [number[], number[]] = [[], []];
  for (let repeat = 0; repeat < repeats; repeat++) {
    let last = performance.now();
    let isFirst = true;
    for await (const _ of generateTokens(model, prompt, { maxTokens: written, signal })) {
      const now = performance.now();
      if (isFirst) reads.push((1000 * prompt.length) / (now - last));
      else writes.push(1000 / (now - last));
      isFirst = false;
      last = now;
    }
  }
  return {
    tokens: count,
    readTokensPerSecond: percentiles(reads),
    writeTokensPerSecond: percentiles(writes),
    stateBytes: explain(model.decode.compiled, { tokens: 1, keys: count }).bytes.state ?? 0,
    ...countStep(model, tokens),
  };
}

/** One step that writes the last of `tokens`, as the device counts it. */
function countStep(
  model: LanguageModel,
  tokens: readonly number[],
): Pick<LengthRow, 'dispatchesPerToken' | 'movedBytesPerToken'> {
  const { counters } = model.device;
  const before = { ...counters };
  const inputs = {
    ids: Uint32Array.of(tokens.at(-1)!),
    sequences: sequenceFrom(tokens.length - 1, 1, model.tasks.sequences),
  };
  const numbers = { temperature: 0, top_k: 0, top_p: 1, seed: 0, counter: 0 };
  model.decode.run({ tokens: 1, keys: tokens.length, ...numbers }, wantedBy(model.decode, inputs));
  return {
    dispatchesPerToken: counters.dispatches - before.dispatches,
    movedBytesPerToken: counters.movedBytes - before.movedBytes,
  };
}
