import { isTilewrightError, TilewrightError } from '@tilewright/kernels';
import { findNonFinite, type PreparedModel } from '@tilewright/models';
import type { Device } from '@tilewright/runtime';

/** An error that says what made numbers that are none while `tokens` were read, in place of one that says there are some. */
export async function withCulprit(
  error: unknown,
  device: Device,
  prepared: PreparedModel,
  tokens: readonly number[],
): Promise<unknown> {
  if (!isTilewrightError(error) || error.code !== 'not-finite') return error;
  const found = await findNonFinite(device, prepared, tokens);
  if (!found) return error;
  const { kind, name, position, value } = found;
  return new TilewrightError(
    'not-finite',
    kind === 'weight'
      ? {
          subject: 'generate',
          problem: `the weight ${name} holds ${value}`,
          requirement: 'weights are finite numbers',
          fix: 'get the weight files again, or compress the dense model again',
        }
      : {
          subject: 'generate',
          problem: `the operator ${name} makes ${value} of finite numbers, at position ${position}`,
          requirement: 'what a model makes of numbers are numbers',
          fix: 'check the weights that it reads: they, or their product, are beyond the range of f32',
        },
    { cause: error },
  );
}
