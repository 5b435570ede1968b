import { main } from '../main.ts';

export interface CommandRun {
  readonly exitCode: number;
  readonly out: string;
  readonly error: string;
}

/** The adapter under test, as `--adapter` takes it. */
export const testAdapter: readonly string[] = (() => {
  const name = process.env['TILEWRIGHT_TEST_ADAPTER'];
  return name === 'lavapipe' || name === 'swiftshader' ? ['--adapter', name] : [];
})();

/** Runs the command in this process and keeps what it says. */
export async function run(
  words: readonly string[],
  signal?: AbortSignal,
  hear: (text: string) => void = () => {},
  input = '',
): Promise<CommandRun> {
  let [out, error] = ['', ''];
  const terminal = {
    out: (text: string) => void (out += text),
    error: (text: string) => {
      error += text;
      hear(text);
    },
    colour: false,
    interactive: false,
  };
  const exitCode = await main(words, terminal, signal ?? new AbortController().signal, () =>
    Promise.resolve(input),
  );
  return { exitCode, out, error };
}
