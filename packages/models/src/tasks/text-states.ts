// What a model keeps of a text, its caches and states: saved, loaded, and copied for texts that begin alike.
import { openSafetensors, readState, shown, type StoredTensor, writeSafetensors } from '@tilewright/formats';
import type { Graph } from '@tilewright/graph';
import { type HostTensor, TilewrightError } from '@tilewright/kernels';
import { dense } from '@tilewright/kernels/weights/dense';
import type { BufferSlice } from '@tilewright/runtime';
import type { LanguageModel, PreparedModel } from './language-model.ts';
import { checkInteger, checkLoaded, checkModel, claim } from './requests.ts';

/** A copy of a model's states on its device. */
export interface TextFork {
  readonly positions: number;
  /** Puts the copy in the place of the model's states; returns the positions. Throws `disposed`. */
  resume(): number;
  dispose(): void;
}

/**
 * A model's states after a number of positions. `generateTokens(model, prompt, { start: positions })` and `readPrompt(model, tokens,
 * positions)` go on from there.
 */
export interface TextStates {
  /** A safetensors file of the states, with the hash of the model. `positions`: how many the model has read. */
  save(positions: number): Promise<Uint8Array>;
  /**
   * Puts saved states in the place of the model's; returns the positions. Throws `bad-model` for those of another model, of other weights,
   * or of caches with other room; `bad-file` for a file that is damaged.
   */
  load(file: Uint8Array): Promise<number>;
  /** A copy on the device, for texts that begin alike. */
  fork(positions: number): TextFork;
}

const keys = { model: 'tilewright_model', positions: 'tilewright_positions' } as const;

/**
 * Saves, loads and copies the states of a model on a device; `prepared` is what it was loaded from, whose weights are hashed here,
 * once. Throws `bad-argument` for what is no such model.
 */
export async function textStates(model: LanguageModel, prepared: PreparedModel): Promise<TextStates> {
  checkModel('textStates', model);
  const { memory } = model.device;
  // Caches are there as their formats cut them.
  const names = Object.keys(model.decode.compiled.graph.states);
  const hash = await modelHash(prepared);
  const sliceOf = (name: string): BufferSlice => model.session.slice('state', name);
  const checkPositions = (subject: string, positions: number): void =>
    checkInteger(subject, 'positions', positions, 0, model.capacity);
  return {
    async save(positions) {
      checkPositions('save', positions);
      const release = claim('save', model);
      try {
        const state = new Map<string, HostTensor>();
        for (const name of names) {
          const bytes = await memory.download(sliceOf(name));
          state.set(name, { format: dense('u32'), shape: [bytes.byteLength / 4], bytes });
        }
        return writeSafetensors(state, { [keys.model]: hash, [keys.positions]: String(positions) });
      } finally {
        release();
      }
    },
    async load(file) {
      checkLoaded('load', model);
      const opened = await openSafetensors(file);
      const found = opened.metadata[keys.model];
      if (found !== hash)
        throw new TilewrightError('bad-model', {
          subject: 'load',
          problem: `the states are those of the model ${shortened(found)}`,
          requirement: `this one, with its weights and the room of its caches, is ${shortened(hash)}`,
          fix: 'load them into the model that they were saved from',
        });
      const positions = positionsOf(opened.metadata[keys.positions], model.capacity);
      checkStates(opened.tensors, names, sliceOf);
      const release = claim('load', model);
      try {
        const state = await readState(opened);
        for (const name of names) memory.upload(sliceOf(name), state.get(name)!.bytes);
        return positions;
      } finally {
        release();
      }
    },
    fork(positions) {
      checkPositions('fork', positions);
      const release = claim('fork', model);
      try {
        const copies = names.map((name) => {
          const from = sliceOf(name);
          const buffer = memory.storage(from.sizeBytes, `fork of ${name}`);
          const copy = { buffer, offsetBytes: 0, sizeBytes: from.sizeBytes };
          memory.copy(from, copy);
          return { name, copy };
        });
        return forkOf(model, copies, positions);
      } finally {
        release();
      }
    },
  };
}

function forkOf(
  model: LanguageModel,
  copies: readonly { readonly name: string; readonly copy: BufferSlice }[],
  positions: number,
): TextFork {
  const { memory } = model.device;
  let disposed = false;
  return {
    positions,
    resume() {
      if (disposed)
        throw new TilewrightError('disposed', {
          subject: 'resume',
          problem: 'the fork was disposed',
          requirement: 'its copies are gone',
          fix: 'dispose it later',
        });
      const release = claim('resume', model);
      try {
        for (const { name, copy } of copies) memory.copy(copy, model.session.slice('state', name));
      } finally {
        release();
      }
      return positions;
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      for (const { copy } of copies) memory.free(copy.buffer);
    },
  };
}

/** A number of positions as it was written. Throws `bad-file` for anything else. */
function positionsOf(written: string | undefined, capacity: number): number {
  if (/^\d+$/.test(written ?? '') && Number(written) <= capacity) return Number(written);
  throw damaged(
    'positions',
    written === undefined ? 'there are none' : `they are ${shown(written)}`,
    `it is a whole number from 0 to ${capacity}`,
  );
}

/** Throws `bad-file` unless a file holds the states of these names, and nothing else. */
function checkStates(
  tensors: ReadonlyMap<string, StoredTensor>,
  names: readonly string[],
  sliceOf: (name: string) => BufferSlice,
): void {
  for (const name of names) {
    const { sizeBytes } = sliceOf(name);
    const tensor = tensors.get(name);
    if (!tensor) throw damaged(name, 'the state is missing', `it has ${sizeBytes} bytes`);
    if (tensor.dtype !== 'u32' || tensor.sizeBytes !== sizeBytes)
      throw damaged(
        name,
        `the state has ${tensor.sizeBytes} bytes, as ${tensor.dtype}`,
        `it has ${sizeBytes} bytes, as u32`,
      );
  }
  for (const name of tensors.keys())
    if (!names.includes(name))
      throw damaged(name, 'the model has no such state', `its states are ${names.join(', ')}`);
}

const damaged = (subject: string, problem: string, requirement: string): TilewrightError =>
  new TilewrightError('bad-file', { subject, problem, requirement, fix: 'save it again' });

const shortened = (hash: string | undefined): string =>
  hash === undefined ? 'that no hash names' : hash.slice(0, 12);

/**
 * SHA-256, in hexadecimal digits, of what states follow from: their types, what the graph computes with which numbers of its own, and the
 * names, formats, shapes and bytes of the weights.
 */
async function modelHash({ model: { graph }, weights }: PreparedModel): Promise<string> {
  // What the host makes of a step's places says how much room there is, and nothing of what is read.
  const computed = graph.nodes
    .filter(({ operator }) => !operator.host)
    .map(({ operator, attributes, inputs, outputs }) => [operator.id, attributes, inputs, outputs]);
  const digests: string[] = [JSON.stringify([statesOf(graph), computed, graph.weights])];
  for (const [name, { buffer, byteOffset, byteLength }] of Object.entries(graph.constants))
    digests.push(name, await sha256(new Uint8Array(buffer, byteOffset, byteLength)));
  for (const [name, { format, shape, bytes }] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1)))
    digests.push(JSON.stringify([name, format.id, shape]), await sha256(bytes));
  return sha256(new TextEncoder().encode(digests.join('\n')));
}

const statesOf = ({ states, values }: Graph): unknown =>
  Object.entries(states).map(([name, { initial, cache }]) => [name, values[initial], cache?.format.id]);

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
