// All tokens are one chunk: nothing goes from workgroup to workgroup. The state before may lie where the one after goes, so all read it
// before the first writes.

@compute @workgroup_size(LANES * SEGMENTS)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let workgroup = linear_workgroup(id, count);
  let segment = segment_of(workgroup, index, ChunkPlace(workgroup / TILES, 0u));
  var start = identity();
  if (segment.present) { start = scan_start(segment.batch, segment.unit); }
  storageBarrier();
  var elements: array<Element, STEPS>;
  gather(segment, index, &elements);
  if (!segment.present) { return; }
  emit_segment(segment, after_segments(index, segment.number, start), &elements);
  if (segment.number == 0u) { scan_finish(segment.batch, segment.unit, after_segments(index, SEGMENTS, start)); }
}
