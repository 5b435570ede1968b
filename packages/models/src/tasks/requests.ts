// What is checked before a model is asked for anything.
import {
  aKindOf,
  awaitFix,
  checkOptions,
  having,
  type OptionKind,
  shownNumber,
  TilewrightError,
} from '@tilewright/kernels';

/** Throws `bad-argument` for what is no list, above all a text. */
export function checkTokenList(subject: string, tokens: unknown): void {
  if (Array.isArray(tokens) || ArrayBuffer.isView(tokens)) return;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `the tokens are ${typeof tokens === 'string' ? 'a text' : aKindOf(tokens)}`,
    requirement: 'they must be a list of whole numbers',
    fix: awaitFix(tokens, 'encode the text with the tokenizer of this model, or call writeText'),
  });
}

/** Throws `bad-argument` for what is no list of tokens, and for tokens that are not in the vocabulary. */
export function checkTokens(subject: string, tokens: readonly number[], vocabulary: number): void {
  checkTokenList(subject, tokens);
  // A hole of a list is a token, too.
  for (const token of tokens) {
    if (Number.isInteger(token) && token >= 0 && token < vocabulary) continue;
    throw new TilewrightError('bad-argument', {
      subject,
      problem: `there is a token ${token}`,
      requirement: `tokens are integers from 0 to ${vocabulary - 1}`,
      fix: 'encode the text with the tokenizer of this model',
    });
  }
}

/** Throws `bad-argument` unless `value` is an integer from `least` to `most`. */
export function checkInteger(
  subject: string,
  name: string,
  value: number,
  least: number,
  most: number,
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `${name} is ${shownNumber(value)}`,
    requirement: `it must be a whole number from ${least} to ${most}`,
    fix: 'give one',
  });
}

/** Throws `bad-argument` for what is no language model on a device. */
export const checkModel = (subject: string, model: object): void =>
  checkOptions(subject, { model }, { model: having('what loadLanguageModel gives', 'decode') });

/** Throws `not-finite` for what came out at a position and is no number that a model gives. */
export function checkFinite(subject: string, position: number, value: number): void {
  if (Number.isFinite(value)) return;
  throw new TilewrightError('not-finite', {
    subject,
    problem: `the numbers stop being numbers at position ${position}: ${value} came out`,
    requirement: 'logits are finite wherever the weights and what is made of them are',
    fix: 'find the operator with findNonFinite (generate --check on the command line), and check the weight files',
  });
}

/** Throws `bad-argument` for what is no device, and for what is no opened model of this kind, whose tasks have `task`. */
export function checkLoadable(
  subject: string,
  device: unknown,
  model: unknown,
  kind: string,
  task: string,
): void {
  const opened: OptionKind = {
    what: `what openModel gives of ${kind}`,
    accepts: (value) =>
      (value as Opened | undefined)?.model?.tasks?.[task] !== undefined &&
      'get' in Object((value as Opened).weights),
  };
  checkOptions(
    subject,
    { device, model },
    { device: having('what openDevice gives', 'capabilities'), model: opened },
  );
}

interface Opened {
  readonly weights?: unknown;
  readonly model?: { readonly tasks?: Readonly<Record<string, unknown>> };
}

/** What is on a device and does one thing at a time. */
interface Loaded {
  isDisposed(): boolean;
}

const busy = new WeakSet<Loaded>();

/** Throws `disposed` for a model that is gone. */
export function checkLoaded(subject: string, model: Loaded): void {
  if (!model.isDisposed()) return;
  throw new TilewrightError('disposed', {
    subject,
    problem: 'the model was disposed',
    requirement: 'its weights and its cache are gone',
    fix: 'load it again, or dispose it later',
  });
}

/**
 * Claims the model's only buffers; returns what gives it back. Throws `bad-argument` while another request has it, and
 * `disposed`.
 */
export function claim(subject: string, model: Loaded): () => void {
  checkLoaded(subject, model);
  if (busy.has(model))
    throw new TilewrightError('bad-argument', {
      subject,
      problem: 'this model is still at work on something else',
      requirement: 'its buffers are there once',
      fix: 'finish that first (or call return() on its iterator), or load the model a second time',
    });
  busy.add(model);
  return () => busy.delete(model);
}
