import { Command, CommanderError } from 'commander';
import { reportFailure } from '@tilewright/bench/process';
import { addBench } from './commands/bench-command.ts';
import { addCompare } from './commands/compare-command.ts';
import { addCompress } from './commands/compress-command.ts';
import { addDoctor } from './commands/doctor-command.ts';
import { addEmbed } from './commands/embed-command.ts';
import { addEvaluate } from './commands/evaluate-command.ts';
import { addExplain } from './commands/explain-command.ts';
import { addGenerate } from './commands/generate-command.ts';
import { addStart } from './commands/start-command.ts';
import { packageVersion } from './paths.ts';
import { standardInput, type Terminal } from './terminal.ts';

/**
 * Runs the command line and returns the exit code: 0 done, 1 failed, 2 a wrong command line, 130 interrupted. `input` is all of
 * standard input, for commands that read it.
 */
export async function main(
  words: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
  input: () => Promise<string> = standardInput,
): Promise<number> {
  let exitCode = 0;
  const program = new Command('tilewright')
    .description('Transformers on WebGPU: hand-written kernels, compiled and compressed models.')
    .version(packageVersion())
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.error,
      getOutHasColors: () => terminal.colour,
    })
    .showHelpAfterError('(--help says more)')
    .exitOverride();
  addStart(program, terminal, signal);
  addGenerate(program, terminal, signal);
  addEmbed(program, terminal, signal, input);
  addCompress(program, terminal, signal);
  addCompare(program, terminal, signal);
  addEvaluate(program, terminal, signal);
  addExplain(program, terminal, signal);
  addBench(program, terminal, signal, (code) => (exitCode = code));
  addDoctor(program, terminal, signal, () => (exitCode = 1));
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    // A progress line may be on the screen.
    if (signal.aborted) terminal.error('\n');
    else if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportFailure(error, terminal, signal);
  }
  return exitCode;
}
