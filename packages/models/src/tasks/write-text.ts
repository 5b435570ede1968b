import { TilewrightError } from '@tilewright/kernels';
import { generateTokens } from './generate.ts';
import type { GenerateOptions } from './generate-options.ts';
import { settings as settingsOf } from './generation-config.ts';
import type { LanguageModel } from './language-model.ts';
import { checkModel } from './requests.ts';
import { textStream } from './text-stream.ts';

/**
 * Writes on from a text, and yields what is written piece by piece: whole characters only. What `options` leave open is
 * what the model's makers say. The prompt itself is not repeated.
 *
 * Throws `bad-model` where the model has no tokenizer, and what {@link generateTokens} throws.
 */
export async function* writeText(
  model: LanguageModel,
  prompt: string,
  options: GenerateOptions = {},
): AsyncGenerator<string, void, void> {
  checkModel('writeText', model);
  const { text } = model;
  if (!text)
    throw new TilewrightError('bad-argument', {
      subject: 'writeText',
      problem: 'the model was loaded without its text',
      requirement: 'texts become tokens by a tokenizer',
      fix: 'load what openModel gave, or generate tokens',
    });
  // Before the time that a tokenizer takes.
  const settings = settingsOf(text, options);
  const tokenizer = await text.tokenizer();
  const tokens = tokenizer.encode(prompt, 'prompt');
  const stream = textStream(tokenizer, tokens);
  for await (const token of generateTokens(model, tokens, settings)) {
    const piece = stream.push(token);
    if (piece !== '') yield piece;
  }
  const rest = stream.end();
  if (rest !== '') yield rest;
}
