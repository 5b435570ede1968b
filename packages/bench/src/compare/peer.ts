import { TilewrightError } from '@tilewright/kernels';
import { encodeOnnx, type OnnxGraph } from './onnx-model.ts';

/** The part of npm `onnxruntime-node` that is used; the package itself is optional. */
interface Onnxruntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => OnnxTensor;
}
interface OnnxSession {
  run(feeds: Readonly<Record<string, OnnxTensor>>): Promise<Readonly<Record<string, OnnxTensor>>>;
  release(): Promise<void>;
}
interface OnnxTensor {
  readonly data: unknown;
}

/** A graph ready to run, weights on the GPU. */
export interface PeerSession {
  /** Host input in, host output out. */
  run(): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export interface Peer {
  readonly name: string;
  readonly version: string;
  /** Throws a plain error where the provider cannot run a node of the graph. */
  open(graph: OnnxGraph, feeds: Readonly<Record<string, Float32Array>>): Promise<PeerSession>;
}

const peerPackage = 'onnxruntime-node';
const peerVersion = '1.30.0';

/** onnxruntime with its WebGPU provider alone: a node it cannot run is an error, never silently the CPU's work. */
export async function loadPeer(packageName: string = peerPackage): Promise<Peer> {
  let runtime: Onnxruntime & {
    readonly default?: Onnxruntime;
    readonly env?: { readonly versions?: { readonly node?: string } };
  };
  try {
    runtime = (await import(/* @vite-ignore */ packageName)) as typeof runtime;
  } catch (cause) {
    throw new TilewrightError(
      'missing-dependency',
      {
        subject: 'bench',
        problem: `the npm package '${packageName}' could not be loaded`,
        requirement: 'it is the peer to compare with, and optional',
        fix: `run \`npm install ${packageName}@${peerVersion}\``,
      },
      { cause },
    );
  }
  const { InferenceSession, Tensor } = runtime.InferenceSession ? runtime : runtime.default!;
  return {
    name: packageName,
    version: runtime.env?.versions?.node ?? peerVersion,
    async open(graph, feeds) {
      const session = await InferenceSession.create(encodeOnnx(graph), {
        executionProviders: ['webgpu'],
        logSeverityLevel: 4, // what goes wrong is thrown; it need not be printed as well
        extra: { session: { disable_cpu_ep_fallback: '1' } },
      });
      const output = Object.keys(graph.outputs)[0]!;
      const tensors = Object.fromEntries(
        Object.entries(feeds).map(([name, data]) => [name, new Tensor('float32', data, graph.inputs[name]!)]),
      );
      return {
        run: async () => (await session.run(tensors))[output]!.data as Float32Array,
        dispose: () => session.release(),
      };
    },
  };
}
