import { TilewrightError } from '@tilewright/kernels';
import type { StorageType } from '@tilewright/kernels';
import type { LoweringContext } from '../../ir.ts';

/** The storage types of what is only moved: whatever is stored in words or halves. Throws `bad-dtype` for bytes. */
export function movedTypes(
  subject: string,
  bindings: Readonly<Record<string, string>>,
  { values }: Pick<LoweringContext, 'values'>,
): Readonly<Record<string, StorageType>> {
  return Object.fromEntries(
    Object.entries(bindings).map(([binding, value]) => {
      const { dtype } = values[value]!;
      if (dtype === 'i8' || dtype === 'u8')
        throw new TilewrightError('bad-dtype', {
          subject,
          problem: `'${value}' is ${dtype}`,
          requirement: 'elements that are moved are f32, f16, u32 or i32: no kernel writes single bytes',
          fix: 'move them before they are stored in bytes',
        });
      return [binding, dtype];
    }),
  );
}
