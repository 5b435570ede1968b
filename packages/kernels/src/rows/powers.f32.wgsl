fn powers(v: Value) -> Value { return power(v); }
fn logarithms(v: Value) -> Value { return logarithm(v); }
