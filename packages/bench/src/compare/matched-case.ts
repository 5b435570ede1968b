import type { HostTensor, KernelCheck, OptionValue } from '@tilewright/kernels';
import type { OnnxGraph } from './onnx-model.ts';

/** Numbers in host memory with the shape our contract gives them. */
export interface HostArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** One of our kernels doing the work of a case; all its Plans compete. */
export interface OurWay {
  /** Its name in the registry; a kernel that is not there is left out. */
  readonly kernel: string;
  /** Handed over by the host in every run. */
  readonly inputs: Readonly<Record<string, HostArray>>;
  /** Put on the GPU once. */
  readonly weights: Readonly<Record<string, HostArray | HostTensor>>;
  readonly output: string;
  readonly axes?: Readonly<Record<string, number>>;
  readonly scalars?: Readonly<Record<string, number>>;
  readonly options?: Readonly<Record<string, OptionValue>>;
  /** It gives up accuracy for speed: only good enough where the peer's error is at least as large. */
  readonly rounds?: boolean;
}

/** The numbers of a case, given to both sides alike. */
export interface CaseData {
  readonly graph: OnnxGraph;
  readonly feeds: Readonly<Record<string, Float32Array>>;
  readonly ways: readonly OurWay[];
  /** The right answer, in f64. */
  readonly exact: Float64Array;
}

/** The same work for both sides. */
export interface MatchedCase {
  readonly op: string;
  readonly case: string;
  readonly flops: number;
  /** A result farther than this from f64, as a fraction of its largest element, is wrong. */
  readonly tolerance: number;
  /** Our kernel that is the oracle, where no plainer one is written down with the case. */
  readonly oracle: string;
  /** Draws the numbers; the same ones every time. */
  readonly make: (oracle: KernelCheck) => CaseData;
}
