/** Where a command talks to. Results go to `out`, everything about how it goes to `error`. */
export interface CommandOutput {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Colours are welcome on `out`. */
  readonly colour: boolean;
}

export interface Terminal extends CommandOutput {
  /** `error` is a screen on which a line may be overwritten. */
  readonly interactive: boolean;
}

/** The terminal of this process; no colours where `NO_COLOR` is set. */
export const processTerminal = (): Terminal => ({
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  colour: process.stdout.isTTY === true && !process.env['NO_COLOR'],
  interactive: process.stderr.isTTY === true && process.env['TERM'] !== 'dumb',
});
