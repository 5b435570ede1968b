// The lowest finite f32: where running maxima begin, since no number falls below it, and exp(-infinity - LOWEST) is 0.
const LOWEST = -3.4028234663852886e38;
