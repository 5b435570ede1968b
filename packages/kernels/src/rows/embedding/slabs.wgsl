// The same rows of each slab of the table; negative numbers count from the end of a slab.
fn table_row(token: u32) -> u32 {
  let id = ids_load(token % params.indices);
  let row = select(id, id + SLAB_ROWS, id > 0x7fffffffu);
  return select(VOCAB, token / params.indices * SLAB_ROWS + row, row < SLAB_ROWS);
}
