// Rows of the product: every row of every batch.
fn row_count() -> u32 { return params.batch * params.m; }

// The first row of a tile of `height` rows and the one after the last that it may hold.
fn tile_rows(tile: u32, height: u32) -> vec2<u32> { return vec2<u32>(tile * height, row_count()); }

// What `a_quad` wants to know of a row.
fn a_row(row: u32) -> u32 { return row; }

// The row of b that column `column` of part `part` is the product with; the last one for columns beyond the end.
fn weight_row(part: u32, column: u32) -> u32 { return part * N + min(column, N - 1u); }

// The same for the rows of a tile, all of whose rows meet one b.
fn tile_weight_row(first_row: u32, part: u32, column: u32) -> u32 { return weight_row(part, column); }
