// Attention to a cache with any fillings of its kernels' slots: whoever has a filling has an operator with it.
import { checkOptions, demandObject, type Filling } from '@tilewright/kernels';
import type { Node, Operator } from '../../ir.ts';
import { dtypesOf } from '../requests.ts';
import { badNode } from '../shapes.ts';
import { cachedAttention } from './cached-attention.ts';
import { aFilling, checkFillingTensors } from './filling-operators.ts';
import { packedAttention } from './packed-attention.ts';

/** Slots of attention by name, as the kernels have them: `weight`, `similarity`, `load_q`, `epilogue` … */
export type AttentionFillings = Readonly<Record<string, Filling>>;

/** Names of the fillings' tensors, as roles: `weight.sinks`. */
const rolesOf = (fillings: AttentionFillings): readonly string[] =>
  Object.entries(fillings).flatMap(([slot, { bindings = {} }]) =>
    Object.keys(bindings).map((name) => `${slot}.${name}`),
  );

/**
 * `CachedAttention` whose kernels have these fillings: its further inputs are their tensors, by slot and name. Biases and masks of
 * other nodes come through `bias` and `mask` nevertheless, but not into a slot that is filled here.
 */
export function cachedAttentionWith(fillings: AttentionFillings): Operator {
  demandObject('cachedAttentionWith', 'fillings', fillings);
  checkOptions(
    'cachedAttentionWith',
    fillings,
    Object.fromEntries(Object.keys(fillings).map((slot) => [slot, aFilling])),
  );
  const within = packedAttentionWith(fillings);
  const roles = rolesOf(fillings);
  const isOwn = ([role]: [string, string]): boolean => roles.includes(role);
  return Object.freeze({
    ...named(cachedAttention, fillings),
    infer: (context: Parameters<Operator['infer']>[0]) => {
      const { inputs, attributes } = context;
      const types = cachedAttention.infer(context);
      const [rows, kvHeads, positions, size] = inputs.cache!.shape as [number, number, number, number];
      const heads = Number(attributes.q_num_heads);
      const keySize = Number(inputs.Q!.shape[2]) / heads;
      const queries = inputs.Q!.shape[1]!;
      const axes = { batch: rows, queries, heads, kv_heads: kvHeads, keys: positions, head_size: keySize };
      for (const [slot, filling] of Object.entries(fillings))
        checkFillingTensors(context, filling, { ...axes, value_size: size - keySize }, `${slot}.`);
      return types;
    },
    place: (...[node, ...rest]: Parameters<NonNullable<Operator['place']>>) => {
      const [own, others] = [true, false].map((isWanted) =>
        Object.fromEntries(Object.entries(node.inputs).filter((entry) => isOwn(entry) === isWanted)),
      ) as [Node['inputs'], Node['inputs']];
      const { nodes } = cachedAttention.place!({ ...node, inputs: others }, ...rest);
      const last = nodes.at(-1)!;
      return { nodes: nodes.with(-1, { ...last, operator: within, inputs: { ...last.inputs, ...own } }) };
    },
  });
}

function packedAttentionWith(fillings: AttentionFillings): Operator {
  const roles = rolesOf(fillings);
  return Object.freeze({
    ...named(packedAttention, fillings),
    lower: (...[node, context]: Parameters<NonNullable<Operator['lower']>>) => {
      const request = packedAttention.lower!(node, context)!;
      const taken = Object.keys(fillings).find((slot) => request.problem.slots?.[slot]);
      if (taken !== undefined)
        throw badNode(
          node.name,
          `'${taken}' is filled by its operator, and by the cache's format or a node in front`,
          'a slot has one filling',
        );
      const bindings = {
        ...request.bindings,
        ...Object.fromEntries(roles.map((role) => [role, node.inputs[role]!])),
      };
      const omitted = Object.values(fillings).flatMap(({ omits = [] }) => omits);
      return {
        ...request,
        problem: {
          ...request.problem,
          dtypes: dtypesOf(context, bindings),
          slots: { ...request.problem.slots, ...fillings },
        },
        bindings: Object.fromEntries(Object.entries(bindings).filter(([name]) => !omitted.includes(name))),
      };
    },
  });
}

/** The same operator under a name that says its fillings, with the roles of their tensors. */
function named(operator: Operator, fillings: AttentionFillings): Operator {
  const text = Object.entries(fillings).map(([slot, { id }]) => `${slot} ${id}`);
  const name = `${operator.name}(${text.join(', ')})`;
  return {
    ...operator,
    id: `${operator.domain}.${name}`,
    name,
    inputs: [
      ...operator.inputs,
      ...rolesOf(fillings).map((role) => ({ name: role, kind: 'required' }) as const),
    ],
  };
}
