import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';

/** `tilewright bench` reads its own options: it is the command of `@tilewright/bench` under another name. */
export function addBench(
  program: Command,
  terminal: Terminal,
  signal: AbortSignal,
  exitWith: (code: number) => void,
): void {
  program
    .command('bench')
    .description("check every kernel's workloads, then time them; --compare onnxruntime beside a peer")
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[options...]')
    .action(async (words: string[]) => {
      const { benchCommand } = await import('@tilewright/bench');
      exitWith(await benchCommand(words, terminal, signal));
    });
}
