import { type Filling, type SlotContract, TilewrightError } from '@tilewright/kernels';

/** A function of a text of WGSL. */
interface Declared {
  readonly name: string;
  /** The types of its parameters. */
  readonly takes: string;
  readonly body: string;
}

/**
 * That what a caller put into one of a kernel's slots is a filling, and made for that slot: it defines the functions that
 * the slot's default defines, with the same parameters, and none that another slot asks for. Throws `bad-argument`.
 */
export function checkFilling(
  kernel: string,
  slots: Readonly<Record<string, SlotContract>>,
  slot: string,
  filling: Filling,
): void {
  const fail = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-argument', {
      subject: kernel,
      problem: `slots.${slot} ${problem}`,
      requirement,
      fix,
    });
  };
  if (typeof filling === 'function') {
    const { name } = filling as { readonly name: string };
    fail(
      `is the function ${name || 'of no name'}`,
      'the slot takes a filling, which such a function makes',
      `call it: slots: { ${slot}: ${name || 'make'}(…) }`,
    );
  }
  if (typeof filling?.wgsl !== 'function' || typeof filling.id !== 'string')
    fail(
      `is ${filling === null || filling === undefined ? String(filling) : typeof filling === 'object' ? 'an object without id and wgsl' : `a ${typeof filling}`}`,
      'the slot takes a filling',
      'give one of @tilewright/kernels/fillings, or { id, wgsl, reference }',
    );
  const { default: plain } = slots[slot]!;
  const wanted = entriesOf(plain, slot);
  const lacks = wanted.find((each) => !defines(filling, slot, each));
  // A mask does all that a bias does, and more: it is of the slot that asks for most.
  const asked = Object.entries(slots).map(
    ([other, each]) => [other, entriesOf(each.default, other)] as const,
  );
  const fits = asked.filter(([other, functions]) => functions.every((each) => defines(filling, other, each)));
  const most = Math.max(lacks ? 0 : wanted.length + 1, ...fits.map(([, functions]) => functions.length));
  const isOf = fits.filter(([, functions]) => functions.length === most).map(([other]) => other);
  if (lacks || isOf.length > 0)
    fail(
      `is filled with '${filling.id}', which ${lacks ? `does not define ${text(lacks)}` : 'defines more than the slot asks for'}`,
      `the functions of the slot are ${wanted.map(text).join(', ')}`,
      isOf.length > 0 ? `put it into ${isOf.join(' or ')}` : 'put it into the slot it was made for',
    );
}

const text = ({ name, takes }: Declared): string => `fn ${name}(${takes})`;

const defines = (filling: Filling, slot: string, wanted: Declared): boolean =>
  functionsOf(filling.wgsl(slot)).some((found) => text(found) === text(wanted));

/** The functions that no other one of the filling calls: what a kernel calls. */
function entriesOf({ wgsl }: Filling, slot: string): readonly Declared[] {
  const functions = functionsOf(wgsl(slot));
  const calls = ({ name, body }: Declared, callee: string): boolean =>
    name !== callee && new RegExp(`\\b${callee}\\(`).test(body);
  return functions.filter(({ name }) => !functions.some((other) => calls(other, name)));
}

function functionsOf(wgsl: string): readonly Declared[] {
  const heads = [...wgsl.matchAll(/\bfn\s+(\w+)\s*\(([^)]*)\)/g)];
  return heads.map(({ index, 0: head, 1: name, 2: parameters }, i) => ({
    name: name!,
    takes: parameters!
      .split(',')
      .flatMap((each) => each.split(':')[1]?.trim() ?? [])
      .join(', '),
    body: wgsl.slice(index + head.length, heads[i + 1]?.index),
  }));
}
