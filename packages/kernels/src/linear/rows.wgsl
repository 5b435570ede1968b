// Rows of the product: every row of every batch.
fn row_count() -> u32 { return params.batch * params.m; }

// The row of b that column `column` of part `part` is the product with; the last one for columns beyond the end.
fn weight_row(part: u32, column: u32) -> u32 { return part * N + min(column, N - 1u); }
