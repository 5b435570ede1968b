import type { Extent, Program } from '@tilewright/kernels';
import type { BufferSlice } from './memory.ts';

/** One Program of a sequence, with what it works on. */
export interface SequenceItem {
  readonly program: Program;
  /** A slice for every binding of the Program, scratch included. */
  readonly bindings: Readonly<Record<string, BufferSlice>>;
  /** The Program's dynamic axes and uniforms as functions of the sequence's values; absent ones keep their own name. */
  readonly sizes?: Readonly<Record<string, Extent>>;
  /** Bytes a dispatch really addresses of a binding, where that is less than the slice (gathers, caches). */
  readonly addressedBytes?: Readonly<Record<string, Extent>>;
  /** For profiles and errors; default the kernel's name. */
  readonly label?: string;
}
