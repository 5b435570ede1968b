import type { Feature } from './capabilities.ts';
import type { StorageType, UniformType } from './storage-type.ts';

/** A buffer that a filling brings along; bound and named `<slot>_<binding>` in WGSL, `<slot>.<binding>` outside. */
export interface FillingBinding {
  /** Axis names of the kernel it fills, or fixed sizes; row-major. */
  readonly shape: readonly (string | number)[];
  /** `float` follows the filling's Problem (f32 or f16, default f32). */
  readonly dtype: 'float' | StorageType;
  /** Elements per access of `<slot>_<binding>_load`; default 1. */
  readonly width?: 1 | 2 | 4;
  /** `rows`: it may lie in a larger tensor as the Problem's `views` say, every element by itself (rows of 1) or in longer rows. */
  readonly order?: 'rows';
  /** Outputs are written by the filling; `in-out` ones (caches) are also read. Default `input`. */
  readonly role?: 'input' | 'output' | 'in-out';
}

/**
 * What is put into a slot: WGSL that defines the functions the slot promises, the buffers they need, and the same
 * mathematics as a plain function, so that every fused form has an oracle.
 *
 * `Reference` is the slot's own function type, documented where the slot is declared.
 */
export interface Filling<Reference = unknown> {
  /** Names the text: two fillings with the same id in the same slot are the same code. */
  readonly id: string;
  readonly requires?: readonly Feature[];
  readonly bindings?: Readonly<Record<string, FillingBinding>>;
  /** Values written at encode time, read as `params.<slot>_<name>`. */
  readonly uniforms?: Readonly<Record<string, UniformType>>;
  /** Tensors of the kernel that this filling makes unnecessary (an epilogue that stores elsewhere omits `y`). */
  readonly omits?: readonly string[];
  /** The functions; every module-scope name must begin with `slot`, so that two slots never collide. */
  readonly wgsl: (slot: string) => string;
  /** Undefined where somebody else says what it computes: what a graph has fused means what its nodes mean. */
  readonly reference: Reference;
}

/** What a kernel says of a slot. */
export interface SlotContract<Reference = unknown> {
  /** What is computed when nobody fills the slot. */
  readonly default: Filling<Reference>;
}
