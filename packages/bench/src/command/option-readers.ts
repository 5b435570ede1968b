// Which measurements read an option of the command line: one that none of those asked for reads is refused, not passed over.
import { TilewrightError } from '@tilewright/kernels';

/** What a run may measure, and how a command line asks for it. */
export const measurements = {
  suite: 'the workloads',
  compare: '--compare',
  scaling: '--scaling',
  formats: '--formats',
  host: '--host',
} as const;
export type Measurement = keyof typeof measurements;

const onDevice: readonly Measurement[] = ['suite', 'compare', 'scaling', 'formats'];

/** Of the options that not every run reads, which measurements do. */
export const readers: Readonly<Record<string, readonly Measurement[]>> = {
  adapter: onDevice,
  system: onDevice,
  filter: onDevice,
  plans: ['suite', 'scaling'],
  size: ['suite'],
  dtype: ['suite'],
  cache: ['suite'],
};

/** Throws `bad-argument` for the first option that is given and that nothing asked for reads. */
export function checkReaders(given: object, asked: readonly Measurement[]): void {
  for (const [name, reading] of Object.entries(readers)) {
    if (!(name in given) || asked.some((measurement) => reading.includes(measurement))) continue;
    throw new TilewrightError('bad-argument', {
      subject: 'bench',
      problem: `--${name} is given with ${asked.map((measurement) => measurements[measurement]).join(' and ')} alone`,
      requirement: `${reading.map((measurement) => measurements[measurement]).join(' and ')} would read it`,
      fix: `leave --${name} out${reading.includes('suite') ? ', or add --suite' : ''}`,
    });
  }
}
