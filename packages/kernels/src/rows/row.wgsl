// A row in units of WIDTH elements, and the steps in which a workgroup walks it.
const UNITS = LENGTH / WIDTH;
const STEPS = (UNITS + WORKGROUP - 1u) / WORKGROUP;

// Whether an invocation keeps its units in registers between two passes over the row, and how many.
const CACHED = STEPS <= 16u;
const CACHE = select(1u, STEPS, CACHED);
