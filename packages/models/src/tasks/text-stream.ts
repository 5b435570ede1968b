import { checkOptions, having } from '@tilewright/kernels';
import { checkTokenList } from './requests.ts';
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
 * way, and a character may begin in the prompt's last tokens; it belongs to what follows. Throws `bad-argument` for what is no
 * tokenizer or no list.
 */
export function textStream(tokenizer: Pick<TextTokenizer, 'decode'>, prompt: readonly number[]): TextStream {
  checkOptions('textStream', { tokenizer }, { tokenizer: having('a tokenizer', 'decode') });
  checkTokenList('textStream', prompt);
  const tokens = [...prompt];
  const before = tokenizer.decode(prompt);
  // A U+FFFD at the prompt's end stands for itself where what follows does not change it.
  const start = (text: string): number => (text.startsWith(before) ? before : finished(before)).length;
  let shown = 0;
  const after = (text: string): string => {
    const piece = text.slice(Math.max(shown, start(text)));
    shown = Math.max(shown, text.length);
    return piece;
  };
  return {
    push(token) {
      tokens.push(token);
      return after(finished(tokenizer.decode(tokens)));
    },
    end: () => after(tokenizer.decode(tokens)),
    text() {
      const text = tokenizer.decode(tokens);
      return text.slice(start(text));
    },
  };
}

/** Without the replacement characters that stand for the beginning of a character at the end. */
const finished = (text: string): string => text.replace(/\uFFFD+$/, '');
