import { TilewrightError } from '../contract/errors.ts';
import { isDenseDType } from './dtype.ts';
import { dense, layoutName, type DenseLayout, type IntegerLayout, type Layout } from '../contract/layout.ts';

/**
 * The layout that `layoutName` called `name`.
 *
 * @throws `bad-layout` for a name that no layout has, or one that names an impossible layout.
 */
export function parseLayout(name: string): Layout {
  const [values = '', pattern, ...rest] = name.split('+');
  const valueLayout = parseValues(values);
  const ratio = pattern === undefined ? null : /^([1-9]\d?):([1-9]\d?)$/.exec(pattern);
  if (valueLayout === null || rest.length > 0 || (pattern !== undefined && ratio === null)) {
    throw new TilewrightError('bad-layout', {
      subject: 'parseLayout',
      problem: `'${name}' names no layout`,
      requirement: 'layouts are called like f16, int4-g32, int4-g32-zp, f16+2:4 or int4-g32+2:4',
    });
  }
  if (ratio === null) return checkedLayout(valueLayout);
  return checkedLayout({
    kind: 'n:m',
    n: Number(ratio[1]),
    m: Number(ratio[2]),
    values: valueLayout as never,
  });
}

function parseValues(name: string): DenseLayout | IntegerLayout | null {
  if (isDenseDType(name)) return dense(name);
  const integer = /^int(\d)-g([1-9]\d{0,8})(-zp)?$/.exec(name);
  if (integer === null) return null;
  const bits = Number(integer[1]) as IntegerLayout['bits'];
  return { kind: 'integer', bits, group: Number(integer[2]), zeroPoint: integer[3] !== undefined };
}

/**
 * `layout` itself, once it is known to be possible.
 *
 * @throws `bad-layout` that says what is not.
 */
export function checkedLayout<L extends Layout>(layout: L): L {
  const refuse = (problem: string, requirement: string): never => {
    throw new TilewrightError('bad-layout', {
      subject: `layout ${layoutName(layout)}`,
      problem,
      requirement,
    });
  };
  const integer = layout.kind === 'integer' ? layout : layout.kind === 'n:m' ? layout.values : null;
  if (integer?.kind === 'integer') {
    const { bits, group } = integer;
    if (![3, 4, 8].includes(bits)) refuse(`codes of ${bits} bits`, 'integer codes have 3, 4 or 8 bits');
    if (!(Number.isSafeInteger(group) && group > 0 && group % 32 === 0)) {
      refuse(`groups of ${group} columns`, 'a group is a positive multiple of 32 columns');
    }
  }
  if (layout.kind !== 'n:m') return layout;
  const { n, m, values } = layout;
  if (![2, 4, 8, 16].includes(m))
    refuse(`${n} of ${m}`, 'm is 2, 4, 8 or 16, so that it divides a block of 32 columns');
  if (!(Number.isInteger(n) && n >= 1 && n < m)) refuse(`${n} of ${m}`, 'n is at least 1 and below m');
  if (values.kind === 'dense') {
    if (values.dtype !== 'f32' && values.dtype !== 'f16')
      refuse(`values of ${values.dtype}`, 'kept values are f32, f16 or integer');
    return layout;
  }
  if (values.bits === 3) refuse('kept codes of 3 bits', 'kept codes have 4 or 8 bits');
  const kept = (values.group * n) / m;
  const run = 32 / values.bits;
  if (kept % run !== 0) {
    refuse(
      `each group keeps ${kept} codes`,
      `that must be a multiple of ${run}, to fill whole words: take a larger group`,
    );
  }
  return layout;
}
