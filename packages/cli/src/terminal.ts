/** Where a command talks to. Results go to `out`, everything about how it goes to `error`. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Colours are welcome on `out`. */
  readonly colour: boolean;
  /** `error` is a screen on which a line may be overwritten. */
  readonly interactive: boolean;
}

export const processTerminal = (): Terminal => ({
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  colour: process.stdout.isTTY === true && !process.env['NO_COLOR'],
  interactive: process.stderr.isTTY === true && process.env['TERM'] !== 'dumb',
});

/** One line that says what is going on: overwritten on a screen, else only new stages are printed. */
export interface Progress {
  update(stage: string, done?: number, total?: number): void;
  /** Takes the line away before something else is printed. */
  clear(): void;
}

export function createProgress(terminal: Terminal): Progress {
  let shown = '';
  let lastAt = 0;
  return {
    update(stage, done, total) {
      const counted = total === undefined ? stage : `${stage} ${done}/${total}`;
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
