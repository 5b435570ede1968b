// The builder that others use: it says what it was given in place of names, types, shapes and numbers.
import {
  aKindOf,
  anyValue,
  checkOptions,
  demandNames,
  having,
  listOf,
  type OptionKind,
  oneOf,
  optional,
} from '@tilewright/kernels';
import * as unchecked from './unchecked.ts';

const text: OptionKind = { what: 'a text', accepts: (value) => typeof value === 'string' && value !== '' };
const byName: OptionKind = {
  what: 'an object of values by name',
  accepts: (value) => aKindOf(value) === 'an object',
};
const numbers: OptionKind = {
  what: 'a Float32Array or a Uint32Array',
  accepts: (value) => value instanceof Float32Array || value instanceof Uint32Array,
};

/** {@inheritDoc unchecked.graphBuilder} */
export const graphBuilder: typeof unchecked.graphBuilder = (symbols) => {
  checkOptions('graphBuilder', { symbols }, { symbols: byName });
  const ranges = Object.fromEntries(Object.keys(symbols).map((name) => [name, having('a range', 'max')]));
  checkOptions('graphBuilder', symbols, ranges);
  const builder = unchecked.graphBuilder(symbols);
  const dtype = oneOf('f32', 'f16', 'u32', 'i32', 'u8', 'i8');
  const shape = listOf(anyValue);
  const states: string[] = [];
  return {
    ...builder,
    input(...[name, type, sizes]) {
      checkOptions('input', { name, dtype: type, shape: sizes }, { name: text, dtype, shape });
      return builder.input(name, type, sizes);
    },
    scalar(...[name, type]) {
      checkOptions('scalar', { name, type }, { name: text, type: oneOf('f32', 'u32', 'i32') });
      return builder.scalar(name, type);
    },
    integers(...[name, sizes, contents]) {
      checkOptions(
        'integers',
        { name, shape: sizes, contents },
        { name: text, shape, contents: listOf(anyValue) },
      );
      return builder.integers(name, sizes, contents);
    },
    weight(...[name, sizes]) {
      checkOptions('weight', { name, shape: sizes }, { name: text, shape });
      return builder.weight(name, sizes);
    },
    constant(...[name, sizes, data]) {
      checkOptions('constant', { name, shape: sizes, data }, { name: text, shape, data: numbers });
      const count = sizes.reduce((product, size) => product * size, 1);
      checkOptions(
        'constant',
        { [name]: data },
        { [name]: { what: `${count} numbers`, accepts: () => data.length === count } },
      );
      return builder.constant(name, sizes, data);
    },
    state(...[name, type, sizes]) {
      checkOptions('state', { name, dtype: type, shape: sizes }, { name: text, dtype, shape });
      states.push(name);
      return builder.state(name, type, sizes);
    },
    cache(...[name, type, sizes, cache]) {
      checkOptions(
        'cache',
        { name, dtype: type, shape: sizes, cache },
        { name: text, dtype, shape, cache: having('a cache', 'format', 'keySize') },
      );
      states.push(name);
      return builder.cache(name, type, sizes, cache);
    },
    node(...[operator, inputs, attributes, name]) {
      checkOptions(
        'node',
        { operator, inputs, attributes, name },
        {
          operator: having('an operator', 'inputs', 'infer'),
          inputs: byName,
          attributes: optional(byName),
          name: optional(text),
        },
      );
      return builder.node(operator, inputs, attributes, name);
    },
    finish(ends) {
      checkOptions('finish', ends, { outputs: listOf(text), states: optional(byName) });
      demandNames(
        'finish',
        ends.states ?? {},
        states,
        (name) => `there is no state '${name}'`,
        'the states are',
      );
      return builder.finish(ends);
    },
  };
};
