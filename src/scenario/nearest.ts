/** The nearest valid name to what was typed; it lies in `base` because dialects need it too. */
export { misspeltName, nearestName } from '../base/nearest.ts';
