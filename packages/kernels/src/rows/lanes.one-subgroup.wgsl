// An invocation of a workgroup that is a single subgroup: reductions need neither shared memory nor barriers.

// The workgroup's own number is no part of it: values read from a struct do not count as uniform.
struct Lane {
  @builtin(local_invocation_index) index: u32,
}

fn workgroup_sum(lane: Lane, slot: u32, value: f32) -> f32 { return subgroupAdd(value); }
fn workgroup_max(lane: Lane, slot: u32, value: f32) -> f32 { return subgroupMax(value); }
