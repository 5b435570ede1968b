// What a node wants computed, and the call of a kernel that computes it. Data.
import type { Extent, Kernel, ProblemInput, Program } from '@tilewright/kernels';
import type { RowRange } from '@tilewright/kernels/weights';

/** Rows of a weight that lie in a buffer of their own, because one binding cannot hold the whole. */
export interface WeightPart {
  readonly weight: string;
  readonly rows: readonly RowRange[];
  readonly sizeBytes: number;
  /** Bindings of the call of which every part addresses other columns: together once, not once each. */
  readonly columnar: readonly string[];
}

/** What a node wants computed; `kernels` are tried in order until one has a Plan for this device. */
export interface KernelRequest {
  readonly kernels: readonly Kernel[];
  readonly problem: ProblemInput;
  /** Value of the graph for every binding of the Program that is not scratch. */
  readonly bindings: Readonly<Record<string, string>>;
  /** Dynamic axes of the kernel as functions of the graph's symbols. */
  readonly sizes: Readonly<Record<string, Extent>>;
  /** Bytes addressed where that is less than the value (gathered rows, valid cache rows), by binding. */
  readonly addressedBytes?: Readonly<Record<string, Extent>>;
  readonly flops: Extent;
  /** Where what is bound is broadcast: the shape that views are read in. */
  readonly shape?: readonly Extent[];
  /** Where the call works on some rows of a weight: which; what it binds of it is then no value of the graph. */
  readonly part?: WeightPart;
  /** Of bindings that hold columns of the result: which ones, in case a weight must be split. */
  readonly columnsOf?: Readonly<Record<string, RowRange>>;
}

/** One Program of a compiled graph and what its bindings are. */
export interface KernelCall {
  /** The node's name. */
  readonly label: string;
  readonly program: Program;
  /** Value of the graph for every binding of the Program that is not scratch. */
  readonly bindings: Readonly<Record<string, string>>;
  /** Dynamic axes of the kernel as functions of the graph's symbols. */
  readonly sizes: Readonly<Record<string, Extent>>;
  /** Bytes addressed where that is less than the value (gathered rows, valid cache rows), by binding. */
  readonly addressedBytes: Readonly<Record<string, Extent>>;
  readonly flops: Extent;
  /** Where the call works on some rows of a weight: which; what it binds of it is then no value of the graph. */
  readonly part?: WeightPart;
}
