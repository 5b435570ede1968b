import { TilewrightError } from '@tilewright/kernels';

/** Splits a linear count over three dimensions of at most 65,535; a few surplus workgroups return at once. */
export function foldWorkgroups(total: number, subject: string): [number, number, number] {
  const most = 65_535;
  const z = Math.ceil(total / most ** 2);
  if (z > most)
    throw new TilewrightError('limit-exceeded', {
      subject,
      problem: `${total} workgroups were asked for`,
      requirement: `a dispatch has at most 65,535³`,
    });
  const layer = Math.ceil(total / z);
  const rows = Math.ceil(layer / most);
  return [Math.ceil(layer / rows), rows, z];
}
