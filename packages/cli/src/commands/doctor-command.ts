import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import type { DoctorFlags } from './doctor.ts';
import { adapterOption, jsonOption, systemOption } from './options.ts';

export function addDoctor(program: Command, terminal: Terminal, signal: AbortSignal, fail: () => void): void {
  program
    .command('doctor')
    .description('what WebGPU offers here, what that rules out, and whether kernels compute right')
    .addOption(jsonOption('the same as one object'))
    .addOption(adapterOption())
    .addOption(systemOption())
    .action(async (flags: DoctorFlags) => {
      const { examine } = await import('./doctor.ts');
      if (!(await examine(terminal, flags, signal))) fail();
    });
}
