// What is printed of results. Names and operators come from files: nothing of them reaches a terminal as it is.
import type { CommandOutput } from '@tilewright/bench/process';
import type { CaseResult } from './run-case.ts';

/** A text on one line without anything that a terminal would obey: control, format and separator characters escaped. */
export const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );

export const painted = ({ colour }: CommandOutput, text: string, code: number): string =>
  colour ? `\u001B[${code}m${text}\u001B[0m` : text;

export function counted(results: readonly CaseResult[]): string {
  const count = (status: CaseResult['status']): number =>
    results.filter((result) => result.status === status).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

/** A line for each operator, with the worst error, and why cases were skipped. */
export function operatorLines(results: readonly CaseResult[], output: CommandOutput): readonly string[] {
  const operators = [...new Set(results.map(({ op }) => op))].sort();
  const width = Math.max(0, ...operators.map((op) => printable(op).length));
  return operators.map((op) => {
    const own = results.filter((result) => result.op === op);
    const errors = own.flatMap(({ worstError }) => worstError ?? []);
    const skipped = [...new Set(own.flatMap(({ status, reason }) => (status === 'skipped' ? reason : [])))];
    const details = [
      ...(errors.length > 0 ? [`worst error ${Math.max(...errors).toExponential(1)}`] : []),
      ...skipped.map(printable),
    ];
    const end = details.length > 0 ? painted(output, `  ${details.join('; ')}`, 2) : '';
    return `${printable(op).padEnd(width)}  ${counted(own)}${end}`;
  });
}
