import type { BuiltModel } from './architectures/architecture.ts';

/** A model as a graph in the names under which its weights were published: what is calibrated, compressed and loaded. */
export type ModelGraph<Tasks = unknown> = Pick<
  BuiltModel<Tasks>,
  'graph' | 'blocks' | 'rules' | 'tasks' | 'repeated'
>;
