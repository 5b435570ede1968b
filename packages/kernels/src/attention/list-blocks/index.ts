import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, plus, times } from '../../contract/extent.ts';
import listBlocksWgsl from './list-blocks.wgsl';
import othersWgsl from './others.wgsl';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { query_blocks: queryBlocks, key_blocks: keyBlocks } = problem.axes as Record<string, number>;
  const others = problem.options.others === true;
  const table = queryBlocks! * keyBlocks!;
  return assemble({
    kernel: listBlocks,
    problem,
    plan,
    constants: {
      QUERY_BLOCKS: queryBlocks!,
      KEY_BLOCKS: keyBlocks!,
      MANY: 0x3fff_ffff,
      WORKGROUP: workgroup,
    },
    wgsl: [listBlocksWgsl, others ? othersWgsl : 'fn choose(row: u32, number: u32) {}'],
    dispatches: [
      ...(others
        ? [{ entryPoint: 'fill', workgroups: ceilDiv(times('rows', table), workgroup), bindings: ['others'] }]
        : []),
      {
        entryPoint: 'list',
        workgroups: ceilDiv(times('rows', plus('chosen', queryBlocks!)), workgroup),
      },
    ],
  });
}

/**
 * lists of the key blocks that each query block sees, from the numbers of chosen blocks.
 *
 * Lists of blocks for attention with `blocks: 'listed'`, from the numbers of chosen blocks: `blockLists` of
 * `@tilewright/kernels/attention`, without a way over the host.
 *
 * `ids` u32 `[rows, chosen]` are what `top-k` finds in `[rows, query_blocks · key_blocks]` scores: each row chooses among all
 * blocks of `query_blocks` query blocks, so that with `query_blocks` the whole sequence's it is a head's budget (MRA), and
 * with 1 each query block has as many. No number comes twice in a row; one that is no block lists nothing. `block_starts`
 * u32 `[rows · query_blocks + 1]` and `block_keys` u32 `[rows · chosen]` are the tensors of that name; rows are heads, or
 * query blocks within heads. With `others: true` what was not chosen is written too, u32 `[rows, query_blocks, key_blocks]`, 1
 * where left over: the tensor of `blockMask`.
 *
 * @throws `bad-shape` where `list_bounds` or `listed` are not those sizes.
 */
export const listBlocks: Kernel<'ids', 'block_starts' | 'block_keys' | 'others'> =
  /* @__PURE__ */ defineKernel({
    name: 'list-blocks',
    axes: {
      rows: 'dynamic',
      chosen: 'dynamic',
      query_blocks: 'static',
      key_blocks: 'static',
      list_bounds: 'dynamic',
      listed: 'dynamic',
    },
    inputs: { ids: { shape: ['rows', 'chosen'], dtype: 'u32' } },
    outputs: {
      block_starts: { shape: ['list_bounds'], dtype: 'u32' },
      block_keys: { shape: ['listed'], dtype: 'u32' },
      others: { shape: ['rows', 'query_blocks', 'key_blocks'], dtype: 'u32', when: ['others', true] },
    },
    options: { others: [false, true] },
    dtypes: ['f32'],
    validate: ({ axes }) => {
      const {
        rows,
        chosen,
        query_blocks: queryBlocks,
        key_blocks: keyBlocks,
      } = axes as Record<string, number>;
      if (queryBlocks! * keyBlocks! >= 2 ** 32)
        throw new TilewrightError('bad-shape', {
          subject: 'list-blocks',
          problem: `${queryBlocks} query blocks by ${keyBlocks} key blocks`,
          requirement: 'their numbers are u32, so there are fewer than 4294967296',
          fix: 'take larger blocks',
        });
      const sizes = { list_bounds: rows! * queryBlocks! + 1, listed: rows! * chosen! };
      for (const [axis, size] of Object.entries(sizes))
        if (axes[axis] !== size)
          throw new TilewrightError('bad-shape', {
            subject: 'list-blocks',
            problem: `axis '${axis}' is ${axes[axis]}`,
            requirement: `${rows} rows of ${chosen} chosen blocks, for ${queryBlocks} query blocks each, make ${size}`,
            fix: `give axes.${axis} ${size}`,
          });
    },
    variants: [{ name: 'baseline', program }],
  });
