import { TilewrightError } from '@tilewright/kernels';
import {
  generateTokens,
  loadLanguageModel,
  score,
  textStream,
  type TextTokenizer,
  withDefaults,
  scoring,
} from '@tilewright/models';
import { makeChosenVariant, openChosenDevice } from '../model/load.ts';
import { wantedVariant } from '../model/recipes.ts';
import { jsonOutput } from '@tilewright/bench/process';
import { withCulprit } from '../model/non-finite.ts';
import { type CacheName, type OpenedFolder, openFolder, tokenizerOf } from '../model/open-folder.ts';
import { createProgress, type Terminal } from '../terminal.ts';
import type { AdapterFlags } from './options.ts';

/** What the command line says. */
export interface GenerateFlags extends AdapterFlags {
  readonly strict?: boolean;
  readonly prompt?: string;
  readonly promptTokens?: number[];
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed: number;
  readonly logits?: boolean;
  readonly check?: boolean;
  readonly context?: number;
  readonly activations?: 'int8';
  readonly cache?: CacheName;
  readonly variant?: string;
  readonly json?: string;
}

/** What `generate --json` writes. */
interface GenerateResult {
  readonly prompt: readonly number[];
  /** The tokens that were written, prompt apart. */
  readonly tokens: readonly number[];
  /** Null without a tokenizer. */
  readonly text: string | null;
  /** With `--logits`: the likeliest next token after each position of the prompt. */
  readonly argmax?: readonly number[];
  /** With `--logits`: of the prompt's last position, one per token of the vocabulary. */
  readonly logits?: readonly number[];
}

/** `tilewright generate`: prints the text that continues the prompt. */
export async function generate(
  screen: Terminal,
  path: string,
  flags: GenerateFlags,
  signal: AbortSignal,
): Promise<void> {
  const { terminal, save: saveJson } = jsonOutput(flags.json, screen);
  const progress = createProgress(terminal);
  const opened = await openFolder(terminal, path, {
    strict: flags.strict,
    context: flags.context,
    activations: flags.activations,
    cache: flags.cache,
    ...(flags.promptTokens && { maxTokens: Math.max(128, flags.promptTokens.length) }),
    onProgress: (read, total) => progress.update('reading', Math.round(read / 1e6), Math.round(total / 1e6)),
  });
  const tokenizer = await tokenizerOf(opened);
  const prompt = promptOf(flags, tokenizer, opened);
  const device = await openChosenDevice(terminal, flags);
  try {
    const weights =
      flags.variant === undefined
        ? opened.weights
        : (
            await makeChosenVariant(device, opened, wantedVariant({ variant: flags.variant }), {
              windows: 16,
              progress,
              signal,
            })
          ).weights;
    progress.update('compiling');
    const model = await loadLanguageModel(device, { ...opened, weights }, flags.logits ? { scoring } : {});
    progress.clear();
    const tokens: number[] = [];
    try {
      const scores = flags.logits ? await score(model, prompt, { logits: true }) : undefined;
      const text = await write(terminal, model, prompt, tokens, flags, opened, tokenizer, signal);
      const result: GenerateResult = {
        prompt,
        tokens,
        text,
        ...(scores && {
          argmax: [...scores.argmax],
          logits: [...scores.logits!.subarray(-opened.model.tasks.vocabulary)],
        }),
      };
      saveJson(result);
    } catch (error) {
      throw flags.check
        ? await withCulprit(error, device, { ...opened, weights }, [...prompt, ...tokens])
        : error;
    } finally {
      model.dispose();
    }
  } finally {
    progress.clear();
    device.dispose();
  }
}

function promptOf(
  flags: GenerateFlags,
  tokenizer: TextTokenizer | undefined,
  { folder, model }: OpenedFolder,
): readonly number[] {
  const fail = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-argument', { subject: 'generate', problem, requirement, fix });
  };
  if ((flags.prompt === undefined) === (flags.promptTokens === undefined))
    fail(
      flags.prompt === undefined ? 'there is no prompt' : 'there are two prompts',
      'a model continues one text',
      'give --prompt TEXT or --prompt-tokens IDS',
    );
  if (flags.prompt !== undefined && !tokenizer)
    fail(`${folder.name} has no tokenizer.json`, '--prompt needs one', 'give --prompt-tokens instead');
  const tokens = flags.promptTokens ?? tokenizer!.encode(flags.prompt!, 'prompt');
  if (tokens.length === 0)
    fail(
      'the prompt is empty',
      'a model continues at least one token',
      'give a text, or begin with the bos token',
    );
  const most = model.graph.symbols.tokens!.max;
  if (flags.logits && tokens.length > most)
    fail(`the prompt has ${tokens.length} tokens`, `--logits scores at most ${most} at once`, 'shorten it');
  return tokens;
}

/** Prints what is written, adds it to `tokens`, and returns it as text; null without a tokenizer. */
async function write(
  terminal: Terminal,
  model: Awaited<ReturnType<typeof loadLanguageModel>>,
  prompt: readonly number[],
  tokens: number[],
  flags: GenerateFlags,
  { text: makers }: OpenedFolder,
  tokenizer: TextTokenizer | undefined,
  signal: AbortSignal,
): Promise<string | null> {
  const { temperature, topK, topP, seed, maxTokens } = flags;
  const settings = withDefaults(makers, {
    seed,
    signal,
    ...(temperature !== undefined && { temperature }),
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
    ...(maxTokens !== undefined && { maxTokens }),
  });
  const stream = tokenizer && textStream(tokenizer, prompt);
  if (flags.prompt !== undefined && flags.maxTokens !== 0) terminal.out(flags.prompt);
  for await (const token of generateTokens(model, prompt, settings)) {
    tokens.push(token);
    terminal.out(stream?.push(token) ?? `${tokens.length > 1 ? ' ' : ''}${token}`);
  }
  if (tokens.length > 0) terminal.out(`${stream?.end() ?? ''}\n`);
  return stream?.text() ?? null;
}
