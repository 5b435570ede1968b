// What is wrong with the values of a step, and who wants them.
import { type Extent, type Program, renameFix, TilewrightError } from '@tilewright/kernels';
import type { SequenceItem } from './sequence-item.ts';

/** The items that want a value of a step, by their labels. */
function readersOf(items: readonly SequenceItem[], name: string): readonly SequenceItem[] {
  const mentions = (e: Extent): boolean =>
    typeof e === 'object' ? mentions(e[1]) || mentions(e[2]) : e === name;
  return items.filter((item) => {
    const wanted = new Set([
      ...item.program.uniforms.map((uniform) => uniform.name),
      ...item.program.dispatches.flatMap(({ workgroups }) => namesIn(workgroups)),
    ]);
    const own = [...wanted].map((each) => item.sizes?.[each] ?? each);
    return [...own, ...Object.values(item.addressedBytes ?? {})].some(mentions);
  });
}

const namesIn = (e: Extent): readonly string[] =>
  typeof e === 'object' ? [...namesIn(e[1]), ...namesIn(e[2])] : typeof e === 'string' ? [e] : [];

export function missingValue(items: readonly SequenceItem[], name: string): TilewrightError {
  const { program, label } = readersOf(items, name)[0]!;
  return new TilewrightError('bad-argument', {
    subject: label ?? program.kernel,
    problem: `'${name}' is undefined`,
    requirement: requirementOf(program),
    fix: `give '${name}' to the run`,
  });
}

export function unknownValue(
  items: readonly SequenceItem[],
  names: readonly string[],
  name: string,
): TilewrightError {
  const known = names.map((each) => {
    const { program, label } = readersOf(items, each)[0]!;
    return `${each} (${label ?? program.kernel})`;
  });
  return new TilewrightError('bad-argument', {
    subject: 'sequence',
    problem: `nothing reads a value named '${name}'`,
    requirement: `a run takes ${known.join(', ') || 'no values'}`,
    fix: renameFix(name, names),
  });
}

const requirementOf = ({ uniforms }: Program): string =>
  `a run needs ${uniforms.map(({ name, type }) => `${name} (${type})`).join(', ')}`;

export function wrongValue({ program, label }: SequenceItem, name: string, value: number): TilewrightError {
  return new TilewrightError('bad-argument', {
    subject: label ?? program.kernel,
    problem: `'${name}' is ${value}`,
    requirement: requirementOf(program),
    fix: 'give a number that the type can hold',
  });
}
