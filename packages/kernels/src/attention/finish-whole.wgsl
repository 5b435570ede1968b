// Rows are complete: normalise and store.

fn begin_row(token: Token, split: u32, peak: f32, sum: f32, first: bool) -> f32 {
  let finish = weight_finish(peak, sum, token.head);
  if (first) { store_log_sum_exp(row_of(token.batch, token.head, token.index), finish.y); }
  return finish.x;
}

fn finish_row(token: Token, split: u32, unit: u32, value: v_fragment, factor: f32) {
  epilogue(Token(token.batch, token.head, token.index, y_at(token.batch, token.head, token.index)), unit, value * factor);
}
