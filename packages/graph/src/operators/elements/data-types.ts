// The element types of ONNX by their numbers, as graphs hold them.
import { TilewrightError } from '@tilewright/kernels';
import type { ElementType } from '../../ir.ts';

interface HeldType {
  readonly name: string;
  readonly dtype: ElementType;
  /** 0 and 1. */
  readonly boolean?: boolean;
}

/** Doubles are held as f32, integers of 64 bits in 32, booleans as u32. */
const heldTypes: ReadonlyMap<number, HeldType> = /* @__PURE__ */ new Map([
  [1, { name: 'FLOAT', dtype: 'f32' }],
  [6, { name: 'INT32', dtype: 'i32' }],
  [7, { name: 'INT64', dtype: 'i32' }],
  [9, { name: 'BOOL', dtype: 'u32', boolean: true }],
  [10, { name: 'FLOAT16', dtype: 'f16' }],
  [11, { name: 'DOUBLE', dtype: 'f32' }],
  [12, { name: 'UINT32', dtype: 'u32' }],
  [13, { name: 'UINT64', dtype: 'u32' }],
]);

/** How a graph holds elements of a data type of ONNX's. Throws `bad-dtype` for those that no kernel writes. */
export function heldType(subject: string, attribute: string, dataType: number): HeldType {
  const held = heldTypes.get(dataType);
  if (held) return held;
  const known = [...heldTypes].map(([number, { name }]) => `${number} (${name})`).join(', ');
  throw new TilewrightError('bad-dtype', {
    subject,
    problem: `the attribute '${attribute}' is the data type ${dataType}`,
    requirement: `kernels write ${known}`,
    fix: 'use one of these',
  });
}
