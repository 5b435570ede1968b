import scalarWgsl from './larger.f32.wgsl';
import vectorWgsl from './larger.vec4.wgsl';

/** `larger(a, b)` of `Value`s of this many elements, which keeps NaN. */
export const largerWgsl = (width: number): string => (width === 1 ? scalarWgsl : vectorWgsl);
