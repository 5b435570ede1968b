import { text } from 'node:stream/consumers';
import type { Terminal } from '@tilewright/bench/process';

export type { Terminal };

/** One line that says what is going on: overwritten on a screen, else only new stages are printed. */
export interface Progress {
  update(stage: string, done?: number, total?: number): void;
  /** Takes the line away before something else is printed. */
  clear(): void;
}

export function createProgress(terminal: Terminal): Progress {
  let shown = '';
  let lastAt = 0;
  let startedAt = 0;
  return {
    update(stage, done, total) {
      if (stage !== shown) startedAt = Date.now();
      const counted =
        total === undefined
          ? stage
          : `${stage} ${done}/${total}${timeLeft(Date.now() - startedAt, done!, total)}`;
      if (!terminal.interactive) {
        if (stage !== shown) terminal.error(`${stage}\n`);
        shown = stage;
        return;
      }
      if (stage === shown && Date.now() - lastAt < 100 && done !== total) return;
      shown = stage;
      lastAt = Date.now();
      terminal.error(`\r\u001B[K${counted.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    },
    clear() {
      if (terminal.interactive && shown !== '') terminal.error('\r\u001B[K');
      shown = '';
    },
  };
}

/** Paints where colours are welcome. */
export const paint = (
  { colour }: Terminal,
  style: 'bold' | 'dim' | 'green' | 'red',
  text: string,
): string => {
  if (!colour) return text;
  const code = { bold: 1, dim: 2, green: 32, red: 31 }[style];
  return `\u001B[${code}m${text}\u001B[0m`;
};

/** All of this process's standard input. */
export const standardInput = (): Promise<string> => text(process.stdin);

/** ", 12 s left" where some of the work has taken long enough to tell. */
export function timeLeft(elapsedMs: number, done: number, total: number): string {
  if (elapsedMs < 2000 || done < 1 || done >= total) return '';
  const seconds = Math.ceil(((elapsedMs / done) * (total - done)) / 1000);
  return seconds < 100 ? `, ${seconds} s left` : `, ${Math.ceil(seconds / 60)} min left`;
}
