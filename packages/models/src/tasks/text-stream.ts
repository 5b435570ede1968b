import type { TextTokenizer } from './tokenizer.ts';

/** Tokens to text, a token at a time. */
export interface TextStream {
  /** What became readable with this token: whole characters, often none. */
  push(token: number): string;
  /** What is left when no token follows: U+FFFD for a character that was not finished. */
  end(): string;
  /** All that was pushed, unfinished characters as U+FFFD. */
  text(): string;
}

/**
 * The text that follows a prompt. Decoded together with the prompt: decoders treat the beginning of a text in their own
 * way, and a character may begin in the prompt's last tokens; it belongs to what follows.
 */
export function textStream(tokenizer: Pick<TextTokenizer, 'decode'>, prompt: readonly number[]): TextStream {
  const tokens = [...prompt];
  const before = finished(tokenizer.decode(prompt)).length;
  let shown = before;
  const after = (text: string, from: number): string => text.slice(from);
  return {
    push(token) {
      tokens.push(token);
      const text = finished(tokenizer.decode(tokens));
      const piece = after(text, shown);
      shown = Math.max(shown, text.length);
      return piece;
    },
    end() {
      const text = tokenizer.decode(tokens);
      const piece = after(text, shown);
      shown = Math.max(shown, text.length);
      return piece;
    },
    text: () => tokenizer.decode(tokens).slice(before),
  };
}

/** Without the replacement characters that stand for the beginning of a character at the end. */
const finished = (text: string): string => text.replace(/\uFFFD+$/, '');
