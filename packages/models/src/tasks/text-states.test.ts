// States of models, saved and loaded, and copied for texts that begin alike.
import { openSafetensors, readState, writeSafetensors } from '@tilewright/formats';
import { isTilewrightError } from '@tilewright/kernels';
import { dense } from '@tilewright/kernels/weights/dense';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenedModel, openModel } from '../open-model.ts';
import {
  tinyMamba2,
  tinyQwen3Next,
  type TinyRecurrent,
  tinyRecurrentSource,
} from '../test/tiny-recurrent.ts';
import { generateTokens } from './generate.ts';
import { type LanguageModel, loadLanguageModel } from './language-model.ts';
import type { LanguageTasks } from './language-tasks.ts';
import { textStates } from './text-states.ts';

const open = async (tiny: TinyRecurrent, capacity = 64): Promise<OpenedModel<LanguageTasks>> =>
  openModel(await tinyRecurrentSource(tiny), { architectures: [tiny.architecture], maxTokens: 16, capacity });

const prompt = Array.from({ length: 21 }, (_, i) => (i * i * 7 + 3 * i) % 37);

async function write(
  model: LanguageModel,
  tokens: readonly number[],
  maxTokens: number,
  start = 0,
): Promise<number[]> {
  const written: number[] = [];
  for await (const token of generateTokens(model, tokens, { maxTokens, start })) written.push(token);
  return written;
}

async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (isTilewrightError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}

describe.skipIf(testProfile.compileOnly).each([
  ['states', tinyMamba2],
  ['states and a cache', tinyQwen3Next],
])('a model with %s', (_, tiny) => {
  let opened: TestDevice;
  let prepared: OpenedModel<LanguageTasks>;
  const models: LanguageModel[] = [];
  const load = async (of = prepared): Promise<LanguageModel> => {
    const model = await loadLanguageModel(opened.device, of);
    models.push(model);
    return model;
  };
  beforeAll(async () => {
    opened = await openTestDevice();
    prepared = await open(tiny);
  });
  afterAll(() => {
    for (const model of models) model.dispose();
    opened.dispose();
  });

  test('goes on from what was saved, in another place, as if it had not stopped', async () => {
    const whole = await write(await load(), prompt, 12);
    const first = await load();
    expect(await write(first, prompt, 5)).toEqual(whole.slice(0, 5));
    // The last token that was written is not read yet.
    const positions = prompt.length + 4;
    const file = await (await textStates(first, prepared)).save(positions);
    const second = await load();
    await write(second, prompt.slice(3, 9), 4);
    const states = await textStates(second, prepared);
    const start = await states.load(file);
    expect(start).toBe(positions);
    expect(await write(second, [whole[4]!], 7, start)).toEqual(whole.slice(5));
  });

  test('forks a beginning, which texts go on from in turns', async () => {
    const model = await load();
    const states = await textStates(model, prepared);
    const before = opened.device.counters.bytesAlive;
    await write(model, prompt, 1);
    const fork = states.fork(prompt.length);
    const endings = [[5, 9, 30], [36], [1, 1, 1, 1, 1, 1, 1]];
    const alone: number[][] = [];
    for (const ending of endings) alone.push(await write(model, [...prompt, ...ending], 6));
    for (const turn of [0, 2, 1, 0]) {
      const start = fork.resume();
      expect(await write(model, endings[turn]!, 6, start)).toEqual(alone[turn]);
    }
    fork.dispose();
    expect(opened.device.counters.bytesAlive).toBe(before);
    expect(await refusal(() => fork.resume())).toBe(
      'disposed: [resume] the fork was disposed; its copies are gone. Fix: dispose it later.',
    );
  });

  test('refuses states of another model, with other weights or other room, and damaged ones', async () => {
    const model = await load();
    const states = await textStates(model, prepared);
    const file = await states.save(3);
    const [name, tensor] = [...prepared.weights][0]!;
    const changed = { ...tensor, bytes: tensor.bytes.map((byte) => byte ^ 1) };
    const roomy = await open(tiny, 48);
    const others: OpenedModel<LanguageTasks>[] = [
      { ...prepared, weights: new Map([...prepared.weights, [name, changed]]) },
    ];
    // The same weights in a graph that computes something else.
    const { graph } = prepared.model;
    const nodes = graph.nodes.map((node) =>
      'epsilon' in node.attributes ? { ...node, attributes: { ...node.attributes, epsilon: 0.5 } } : node,
    );
    others.push({ ...prepared, model: { ...prepared.model, graph: { ...graph, nodes } } });
    // States that do not grow are the same in any room.
    if (tiny === tinyQwen3Next) others.push(roomy);
    else expect(await (await textStates(await load(roomy), roomy)).load(file)).toBe(3);
    for (const other of others) {
      const message = await refusal(async () => (await textStates(await load(other), other)).load(file));
      expect(message).toMatch(
        /^bad-model: \[load\] the states are those of the model [0-9a-f]{12}; this one, with its weights and the room of its caches, is [0-9a-f]{12}\. Fix: load them into the model that they were saved from\.$/,
      );
    }
    const { metadata, ...read } = await openSafetensors(file);
    const tensors = await readState({ ...read, metadata });
    const [state] = tensors.keys();
    const missing = new Map([...tensors].filter(([each]) => each !== state));
    expect(await refusal(() => states.load(writeSafetensors(missing, metadata)))).toBe(
      `bad-file: [${state}] the state is missing; it has ${tensors.get(state!)!.bytes.byteLength} bytes. Fix: save it again.`,
    );
    expect(await refusal(() => states.load(writeSafetensors(tensors)))).toContain('that no hash names');
    for (const [written, said] of [
      ['65', '"65"'],
      ['', '""'],
      ['1.5', '"1.5"'],
    ])
      expect(
        await refusal(() =>
          states.load(writeSafetensors(tensors, { ...metadata, tilewright_positions: written! })),
        ),
      ).toBe(
        `bad-file: [positions] they are ${said}; it is a whole number from 0 to 64. Fix: save it again.`,
      );
    const more = new Map([...tensors, ['foo', tensors.get(state!)!]]);
    expect(await refusal(() => states.load(writeSafetensors(more, metadata)))).toContain(
      'bad-file: [foo] the model has no such state; its states are ',
    );
    const { shape, bytes } = tensors.get(state!)!;
    const otherType = new Map([...tensors, [state!, { format: dense('f32'), shape, bytes }]]);
    const size = `${bytes.byteLength} bytes`;
    expect(await refusal(() => states.load(writeSafetensors(otherType, metadata)))).toBe(
      `bad-file: [${state}] the state has ${size}, as f32; it has ${size}, as u32. Fix: save it again.`,
    );
    const html = new TextEncoder().encode('<!doctype html><title>Sign in</title>');
    expect(await refusal(() => states.load(html))).toContain('it is a web page, not the file');
    expect(await refusal(() => states.load(file.slice(0, -1)))).toContain('bad-file: ');
    expect(await refusal(() => states.save(-1))).toBe(
      'bad-argument: [save] positions is -1; it must be a whole number from 0 to 64. Fix: give one.',
    );
    expect(await refusal(() => write(model, prompt, 1, 60))).toBe(
      'bad-argument: [generate] the prompt has 21 tokens behind 60 positions; the cache holds 64. Fix: shorten the prompt, or load ' +
        'the model with a larger capacity.',
    );
  });

  test('a model or a fork that was disposed is named', async () => {
    const model = await load();
    const states = await textStates(model, prepared);
    const file = await states.save(2);
    const fork = states.fork(2);
    model.dispose();
    models.splice(models.indexOf(model), 1);
    const works = { save: () => states.save(2), load: () => states.load(file), fork: () => states.fork(1) };
    for (const [subject, work] of Object.entries({ ...works, resume: () => fork.resume() }))
      expect(await refusal(work)).toBe(
        `disposed: [${subject}] the model was disposed; its weights and its cache are gone. Fix: load it again, or dispose it later.`,
      );
    fork.dispose();
    fork.dispose();
    expect(await refusal(() => fork.resume())).toContain('disposed: [resume] the fork was disposed');
  });
});
